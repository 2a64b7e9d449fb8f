import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf, liveFiguresOf } from '../../wwwroot/js/chat/timeline/figures.js';
import { reduce } from '../../../clients/js/src/state/reducer.js';
import { initialState } from '../../../clients/js/src/state/conversation-state.js';
import { momentOf, recordingOf } from '../../wwwroot/js/chat/timeline/recording.js';
import { toolCalls } from '../../wwwroot/js/chat/timeline/calls.js';
import { shares, timelineOf } from '../../wwwroot/js/chat/timeline/timeline.js';

const snapshot = { type: 'snapshot', data: { session_id: 's', epoch: 'e', last_seq: 0, messages: [], queued_runs: [] } };

/** A run of a thought, a tool of two seconds and an answer, as it came. */
function run() {
  const entries = [
    ['run_queued', 99, { message: 'hi', message_id: 'm', agent_name: 'a', position: 0 }],
    ['run_started', 100, { agent_name: 'a', model: 'demo', attempt: 1, trace_id: 't' }],
    ['step_delta', 101, { step_id: 'r-1', step_type: 'thought', delta: 'I ', iteration: 1 }],
    ['step_delta', 102, { step_id: 'r-1', step_type: 'thought', delta: 'think', iteration: 1 }],
    ['reasoning_step', 102, { step_id: 'r-1', type: 'thought', content: 'I think', iteration: 1, timestamp: 102 }],
    ['reasoning_step', 102.5, {
      step_id: 'r-2',
      type: 'tool_use',
      content: '',
      iteration: 1,
      timestamp: 102.5,
      tool_name: 'x',
      tool_call_id: 'c',
      arguments: {},
    }],
    ['reasoning_step', 105, {
      step_id: 'r-3',
      type: 'tool_result',
      content: '42',
      iteration: 1,
      timestamp: 105,
      tool_name: 'x',
      tool_call_id: 'c',
      duration_ms: 2000,
    }],
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
  assert.deepEqual(spans.map(({ kind, from, to }) => [kind, from, to]),
    [['model', 1, 2], ['model', 2, 2.5], ['tool', 3, 5], ['model', 6, 8]]);
  // Waiting for a reply's first token is the model's time, too.
  assert.deepEqual(spans.map(({ asked }) => asked), [0, 2, 3, 5]);
  assert.deepEqual(shares(spans), { model: 5.5, tool: 2, wait: 0, lost: 0 });
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
  assert.deepEqual(shares([{ kind: 'tool', from: 0, to: 2 }, { kind: 'tool', from: 1, to: 3 }]), { model: 0, tool: 3, wait: 0, lost: 0 });
  const state = reduce(initialState('s'), { ...snapshot, data: { ...snapshot.data, messages: [{
    seq: 1, run_id: 'r', message_id: 'm', message: 'hi', agent_name: 'a', status: 'completed', queued_at: 99, started_at: 100,
    finished_at: 104, duration_ms: 4000,
    steps: [
      { step_id: '1', type: 'thought', content: 'a', iteration: 1, timestamp: 101 },
      { step_id: '2', type: 'final_answer', content: 'b', iteration: 1, timestamp: 103 },
    ],
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

/** A run as a snapshot tells it: started at second 100. */
function told(steps, more = {}) {
  const message = {
    seq: 1,
    run_id: 'r',
    message_id: 'm',
    message: 'hi',
    agent_name: 'a',
    status: 'completed',
    queued_at: 99,
    started_at: 100,
    steps,
    ...more,
  };
  return reduce(initialState('s'), { ...snapshot, data: { ...snapshot.data, messages: [message] } }).runs.get('r');
}

const step = (step_id, type, timestamp, more = {}) => ({ step_id, type, content: 'x'.repeat(100), iteration: 1, timestamp, ...more });

test('waiting for a person is nobody\'s work, live and from the log', () => {
  const steps = [
    step('1', 'thought', 102, { duration_ms: 1000 }),
    step('2', 'tool_use', 3702, { tool_call_id: 'c', tool_name: 'x' }),
    step('3', 'tool_result', 3703, { tool_call_id: 'c', tool_name: 'x', duration_ms: 500 }),
    step('4', 'final_answer', 3705, { duration_ms: 1000, iteration: 2 }),
  ];
  const expected = { spans: [[0, 1, 2], [2, 2, 2], [3602.5, 3602.5, 3603], [3603, 3604, 3605]], waits: [{ from: 2, to: 3602 }] };
  const fromLog = timelineOf(told(steps, { finished_at: 3705, duration_ms: 5000, waits: [{ from: 102, to: 3702 }] }), 0);
  assert.deepEqual({ spans: fromLog.spans.map(({ asked, from, to }) => [asked, from, to]), waits: fromLog.waits }, expected);
  assert.deepEqual(shares(fromLog.spans, fromLog.waits), { model: 4, tool: 0.5, wait: 3600, lost: 0 });

  let state = reduce(initialState('s'), snapshot);
  let seq = 0;
  const say = (type, timestamp, data) => { seq += 1; state = reduce(state, { type, seq, run_id: 'r', timestamp, data }); };
  say('run_queued', 99, { message: 'hi', message_id: 'm', agent_name: 'a', position: 0 });
  say('run_started', 100, { agent_name: 'a', model: 'demo', attempt: 1 });
  say('reasoning_step', 102, steps[0]);
  say('tool_approval_required', 102, { tool_call_id: 'c', tool_name: 'x', expires_at: 9999 });
  say('tool_approval_required', 102, { tool_call_id: 'd', tool_name: 'x', expires_at: 9999 });
  const live = timelineOf(state.runs.get('r'), 200);
  assert.deepEqual([live.waits, live.total], [[{ from: 2, to: 100 }], 100]);
  say('tool_approval_resolved', 200, { tool_call_id: 'c', approved: true, by: 'client' });
  assert.deepEqual(state.runs.get('r').waits, [{ from: 102 }]);
  say('tool_approval_resolved', 3702, { tool_call_id: 'd', approved: true, by: 'client' });
  steps.slice(1).forEach((one) => say('reasoning_step', one.timestamp, one));
  say('run_finished', 3705, { status: 'completed', duration_ms: 5000 });
  const after = timelineOf(state.runs.get('r'), 0);
  assert.deepEqual({ spans: after.spans.map(({ asked, from, to }) => [asked, from, to]), waits: after.waits }, expected);
});

test('of several calls of a reply only the first has a time of its own, and a delegation is another agent\'s', () => {
  const { spans } = timelineOf(told([
    step('1', 'thought', 101, { duration_ms: 1000 }),
    step('2', 'tool_use', 102, { tool_call_id: 'c', tool_name: 'delegate' }),
    step('3', 'thought', 104, { duration_ms: 1000, parent_step_id: '2', agent_name: 'b' }),
    step('4', 'tool_result', 105, { duration_ms: 3000, parent_step_id: '2', tool_call_id: 'c', tool_name: 'delegate' }),
    step('5', 'tool_use', 105, { tool_call_id: 'd', tool_name: 'y' }),
    step('6', 'tool_result', 106, { duration_ms: 1000, tool_call_id: 'd', tool_name: 'y' }),
  ], { finished_at: 106 }), 0);
  assert.deepEqual(spans.map(({ kind, asked, from, to }) => [kind, asked, from, to]), [
    ['model', 0, 0, 1], ['model', 1, 1, 2], ['model', 2, 3, 4], ['agent', 2, 2, 5], ['model', 5, 5, 5], ['tool', 5, 5, 6],
  ]);
  // Within the delegation all that is not a tool's time is its model's.
  assert.deepEqual(shares(spans), { model: 5, tool: 1, wait: 0, lost: 0 });
});

test('a step that this page came into the middle of has no pace of its own', () => {
  let state = reduce(initialState('s'), { ...snapshot, data: { ...snapshot.data, last_seq: 3,
    messages: [{
      seq: 1,
      run_id: 'r',
      message_id: 'm',
      message: 'hi',
      agent_name: 'a',
      status: 'running',
      queued_at: 99,
      started_at: 100,
      steps: [],
    }],
    active_run: {
      run_id: 'r',
      status: 'running',
      attempt: 1,
      open_steps: [{ step_id: '1', step_type: 'answer', content: 'half ', iteration: 1 }],
      pending_approvals: [],
    } } });
  state = reduce(state,
    { type: 'step_delta', seq: 4, run_id: 'r', timestamp: 109, data: { step_id: '1', step_type: 'answer', delta: 'of it', iteration: 1 } });
  state = reduce(state,
    { type: 'reasoning_step', seq: 5, run_id: 'r', timestamp: 110, data: step('1', 'final_answer', 110, { duration_ms: 8000 }) });
  state = reduce(state, { type: 'run_finished', seq: 6, run_id: 'r', timestamp: 110, data: { status: 'completed', duration_ms: 10_000 } });
  const recording = recordingOf(state.runs.get('r'));
  assert.equal(recording.exact, false);
  assert.equal(momentOf(recording, 6)[0].characters, 50);
});

test('long pauses of a replay are short, and the way there and back is the same', () => {
  const recording = recordingOf(
    told([step('1', 'thought', 102, { duration_ms: 1000 }), step('2', 'final_answer', 165, { duration_ms: 3000, iteration: 2 })],
      { finished_at: 165 }));
  assert.deepEqual(recording.pauses, [{ from: 2, to: 62 }]);
  const { time } = recording;
  assert.equal(time.total, 2 + 2 + 3);
  assert.deepEqual([0, 2, 3, 4, 5, 7].map((at) => time.real(at)), [0, 2, 32, 62, 63, 65]);
  assert.deepEqual([0, 2, 32, 62, 63, 65].map((at) => time.shown(at)), [0, 2, 3, 4, 5, 7]);
});

test('the figures of a run under way leave out the time in which a person was asked', () => {
  const run = told([step('1', 'thought', 102, { duration_ms: 1000 })], {
    status: 'waiting',
    waits: [{ from: 102 }],
    usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14, estimated: false, time_to_first_token_ms: 1000 },
  });
  assert.deepEqual(liveFiguresOf(run, 500), ['2 s', 'first token after 1.0 s', '10 tokens in', '4 tokens out']);
  run.status = 'completed';
  Object.assign(run, { finishedAt: 500, durationMs: 2000, model: 'demo' });
  assert.deepEqual(figuresOf(run), ['2.0 s', 'waited 6 min 38 s for a person', 'first token after 1.0 s', '10 tokens in, 4 out', 'demo']);
});
