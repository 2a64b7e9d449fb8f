import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reduce } from '../wwwroot/js/chat/reducer.js';
import { initialState } from '../wwwroot/js/chat/state.js';
import { momentOf, recordingOf } from '../wwwroot/js/chat/replay.js';
import { shares, timelineOf, toolCalls } from '../wwwroot/js/chat/timeline.js';
import { RemoteBlocks } from '../wwwroot/js/chat/markdown/remote.js';
import { FakeClock } from './fakes.mjs';

const snapshot = { type: 'snapshot', data: { session_id: 's', epoch: 'e', last_seq: 0, messages: [], queued_runs: [] } };

/** A run of a thought, a tool of two seconds and an answer, as it came. */
function run() {
  const entries = [
    ['run_queued', 99, { message: 'hi', message_id: 'm', agent_name: 'a', position: 0 }],
    ['run_started', 100, { agent_name: 'a', model: 'demo', attempt: 1, trace_id: 't' }],
    ['step_delta', 101, { step_id: 'r-1', step_type: 'thought', delta: 'I ', iteration: 1 }],
    ['step_delta', 102, { step_id: 'r-1', step_type: 'thought', delta: 'think', iteration: 1 }],
    ['reasoning_step', 102, { step_id: 'r-1', type: 'thought', content: 'I think', iteration: 1, timestamp: 102 }],
    ['reasoning_step', 102.5, { step_id: 'r-2', type: 'tool_use', content: '', iteration: 1, timestamp: 102.5, tool_name: 'x', tool_call_id: 'c', arguments: {} }],
    ['reasoning_step', 105, { step_id: 'r-3', type: 'tool_result', content: '42', iteration: 1, timestamp: 105, tool_name: 'x', tool_call_id: 'c', duration_ms: 2000 }],
    ['usage', 105, { input_tokens: 3, output_tokens: 4, total_tokens: 7, estimated: false }],
    ['step_delta', 106, { step_id: 'r-4', step_type: 'answer', delta: 'It is 42', iteration: 2 }],
    ['reasoning_step', 108, { step_id: 'r-4', type: 'final_answer', content: 'It is 42', iteration: 2, timestamp: 108 }],
    ['run_finished', 110, { status: 'completed', duration_ms: 10_000, iterations: 2 }],
  ];
  let state = reduce(initialState('s'), snapshot);
  const frames = entries.map(([type, timestamp, data], index) => ({ type, timestamp, seq: index + 1, run_id: 'r', data }));
  const until = (count) => {
    frames.slice(state.lastSeq, count).forEach((frame) => { state = reduce(state, frame); });
    return state.runs.get('r');
  };
  return { frames, until };
}

test('a timeline has each step where it was, model and tool apart', () => {
  const { spans, total } = timelineOf(run().until(11), 0);
  assert.equal(total, 10);
  assert.deepEqual(spans.map(({ kind, from, to }) => [kind, from, to]), [['model', 1, 2], ['model', 2, 2.5], ['tool', 3, 5], ['model', 6, 8]]);
  // Waiting for a reply's first token is the model's time, too.
  assert.deepEqual(spans.map(({ asked }) => asked), [0, 2, 3, 5]);
  assert.deepEqual(shares(spans), { model: 5.5, tool: 2, wait: 0 });
});

test('an open step grows with the clock', () => {
  const made = run();
  const open = made.until(9);
  assert.deepEqual(timelineOf(open, 107).spans.at(-1).to, 7);
  assert.deepEqual(timelineOf(open, 109).spans.at(-1).to, 9);
  assert.equal(open.uncountedCharacters, 'It is 42'.length);
  assert.equal(toolCalls(open), 1);
});

test('what overlaps counts once, and steps of a run that only its end is known of have their place', () => {
  assert.deepEqual(shares([{ kind: 'tool', from: 0, to: 2 }, { kind: 'tool', from: 1, to: 3 }]), { model: 0, tool: 3, wait: 0 });
  const state = reduce(initialState('s'), { ...snapshot, data: { ...snapshot.data, messages: [{
    seq: 1, run_id: 'r', message_id: 'm', message: 'hi', agent_name: 'a', status: 'completed', queued_at: 99, started_at: 100, finished_at: 104, duration_ms: 4000,
    steps: [{ step_id: '1', type: 'thought', content: 'a', iteration: 1, timestamp: 101 }, { step_id: '2', type: 'final_answer', content: 'b', iteration: 1, timestamp: 103 }],
  }] } });
  assert.deepEqual(timelineOf(state.runs.get('r'), 0).spans.map(({ from, to }) => [from, to]), [[0, 1], [1, 3]]);
});

test('a replay of what this page has seen shows each piece when it came', () => {
  const made = run();
  const recording = recordingOf(made.until(11));
  assert.ok(recording.exact);
  const at = (second) => momentOf(recording, second).map(({ step, characters, open }) => [step.stepId, characters, open]);
  assert.deepEqual(at(0.5), []);
  assert.deepEqual(at(1.5), [['r-1', 2, true]]);
  assert.deepEqual(at(4).slice(0, 2), [['r-1', 7, false], ['r-2', 0, false]]);
  assert.deepEqual(at(7).at(-1), ['r-4', 8, true]);
  assert.ok(at(10).every(([, , open]) => !open));
});

test('a replay of a run that this page has not seen spreads the text evenly, and says so', () => {
  const seen = run().until(11);
  seen.steps.forEach((step) => { step.pace = []; });
  const recording = recordingOf(seen);
  assert.equal(recording.exact, false);
  assert.equal(momentOf(recording, 7).at(-1).characters, 4);
  assert.equal(momentOf(recording, 10).length, 4);
});

test('blocks are asked for in batches, one at a time, each once; without an answer the page manages', async () => {
  const clock = new FakeClock();
  const asked = [];
  let fail = false;
  const remote = new RemoteBlocks({
    clock,
    post: async (blocks) => {
      asked.push(blocks);
      if (fail) {
        throw new Error('away');
      }

      return { blocks: blocks.map((source) => (source === 'bad' ? [{ t: 'script', c: [] }] : [{ t: 'p', c: [source] }])) };
    },
  });
  const got = [];
  const warn = console.warn;
  console.warn = () => {};
  try {
    ['**a**', '**b**', '**a**', 'bad'].forEach((source) => remote.ask(source, (nodes) => got.push(nodes?.[0].c[0] ?? null)));
    clock.advance(100);
    await new Promise(setImmediate);
    assert.deepEqual(asked, [['**a**', '**b**', 'bad']]);
    assert.deepEqual(got, ['**a**', '**a**', '**b**', null]);
    remote.ask('**a**', (nodes) => got.push(nodes[0].c[0]));
    assert.equal(got.length, 5);
    assert.equal(asked.length, 1);
    fail = true;
    remote.ask('**c**', (nodes) => got.push(nodes));
    clock.advance(100);
    await new Promise(setImmediate);
    remote.ask('**d**', (nodes) => got.push(nodes));
    assert.deepEqual(got.slice(5), [null, null]);
    assert.equal(asked.length, 2);
    assert.ok(!remote.isWorthAsking('Just words, and more.'));
    assert.ok(remote.isWorthAsking('with **marks**'));
  } finally {
    console.warn = warn;
  }
});
