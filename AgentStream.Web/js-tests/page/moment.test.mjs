import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialState } from '../../../clients/js/src/state/conversation-state.js';
import { reduce } from '../../../clients/js/src/state/reducer.js';
import { addressOfMoment, momentOfAddress } from '../../wwwroot/js/chat/navigation/moment-address.js';
import { Moment } from '../../wwwroot/js/chat/timeline/moment.js';

/** A session of three messages; the second run thinks, asks a person, loses its worker, and answers. */
function session() {
  const state = reduce(initialState('s'), { type: 'snapshot', data: { epoch: 'e', last_seq: 0, messages: [], queued_runs: [] } });
  const say = (runId, timestamp, type, data) => reduce(state, { type, seq: state.lastSeq + 1, run_id: runId, timestamp, data });
  const ask = (runId, at, more) =>
    say(runId, at, 'run_queued', { message: runId, message_id: runId, agent_name: 'a', position: 0, ...more });
  const step = (at, id, type, content, more = {}) =>
    say('b', at, 'reasoning_step', { step_id: id, type, content, iteration: 1, timestamp: at, ...more });
  ask('a', 90);
  say('a', 91, 'run_started', { attempt: 1 });
  say('a', 92, 'run_finished', { status: 'completed', duration_ms: 1000 });
  ask('b', 99);
  say('b', 100, 'run_started', { attempt: 1, agent_name: 'a' });
  for (const [at, delta] of [[101, 'I '], [102, 'think '], [103, 'so.']]) {
    say('b', at, 'step_delta', { step_id: '1', step_type: 'thought', delta, iteration: 1 });
  }

  step(103, '1', 'thought', 'I think so.');
  step(104, '2', 'tool_use', '', { tool_call_id: 'c', tool_name: 'x', arguments: {} });
  say('b', 104, 'tool_approval_required', { tool_call_id: 'c', tool_name: 'x', expires_at: 999 });
  say('b', 110, 'tool_approval_resolved', { tool_call_id: 'c', approved: true, by: 'client' });
  say('b', 118, 'run_started', { attempt: 2, agent_name: 'a' });
  step(120, '3', 'tool_result', '42', { tool_call_id: 'c', tool_name: 'x', duration_ms: 1000 });
  say('b', 121, 'step_delta', { step_id: '4', step_type: 'answer', delta: 'It is ', iteration: 2 });
  say('b', 122, 'step_delta', { step_id: '4', step_type: 'answer', delta: '42.', iteration: 2 });
  step(122, '4', 'final_answer', 'It is 42.', { iteration: 2 });
  say('b', 123, 'run_finished', { status: 'completed', duration_ms: 17_000, usage: { total_tokens: 2 } });
  ask('c', 130, { replaces_run_id: 'b' });
  return { state, say };
}

const textOf = ({ open, chunks, content }) => (open ? `${chunks.join('')}…` : content);

/** What is to be seen of the run at a moment. */
function seen(moment) {
  const run = moment.state.runs.get('b');
  return [run.status, run.attempt, ...[...run.steps.values()].map((step) => `${step.stepId}: ${textOf(step)}`).sort()];
}

test('a moment shows what was there then, and nothing that came later', () => {
  const { state } = session();
  const at = (second) => {
    const moment = new Moment(state, state.runs.get('b'), 200);
    moment.to(second);
    return seen(moment);
  };
  assert.deepEqual(at(0.5), ['running', 1]);
  assert.deepEqual(at(2.5), ['running', 1, '1: I think …']);
  assert.deepEqual(at(7), ['waiting', 1, '1: I think so.', '2: ']);
  assert.deepEqual(at(12), ['running', 1, '1: I think so.', '2: ']);
  assert.deepEqual(at(18.5), ['running', 2, '1: I think so.', '2: ']);
  assert.deepEqual(at(21.5), ['running', 2, '1: I think so.', '2: ', '3: 42', '4: It is …']);
  assert.deepEqual(at(23), ['completed', 2, '1: I think so.', '2: ', '3: 42', '4: It is 42.']);

  const moment = new Moment(state, state.runs.get('b'), 200);
  assert.ok(moment.to(3).everything);
  assert.deepEqual([...moment.state.runs.keys()], ['a', 'b']);
  assert.equal(moment.state.activeRun, 'b');
  assert.equal(moment.now, 103);
  assert.equal(moment.state.runs.get('b').replacedBy, undefined);
  assert.equal(state.runs.get('b').replacedBy, 'c');
  assert.equal(state.runs.get('b').status, 'completed');
  assert.equal(moment.state.runs.get('b').decisions.size, 0);
  moment.to(12);
  assert.equal(moment.state.runs.get('b').decisions.size, 1);
});

test('whatever the way, a moment is the same', () => {
  const { state } = session();
  const moved = new Moment(state, state.runs.get('b'), 200);
  const page = new Map();
  for (const second of [5, 2.2, 21.1, 21.9, 2.9, 23, 0, 1.5, 12, 23, 22, 1.5, 23]) {
    const changes = moved.to(second);
    // What a page makes of the changes is what is there, and text in it only grew.
    const { steps } = moved.state.runs.get('b');
    changes.removed.forEach((_, stepId) => page.delete(stepId));
    changes.steps.forEach((_, stepId) => {
      const text = textOf(steps.get(stepId)).replace('…', '');
      assert.ok(text.startsWith(page.get(stepId) ?? ''), `${second}: ${stepId}`);
      page.set(stepId, text);
    });
    assert.deepEqual([...page.keys()].sort(), [...steps.keys()].sort());
    const straight = new Moment(state, state.runs.get('b'), 200);
    straight.to(second);
    assert.deepEqual(seen(moved), seen(straight), String(second));
  }
});

test('a run that goes on can be looked back at, as far as it has come', () => {
  const { state, say } = session();
  say('d', 140, 'run_queued', { message: 'd', message_id: 'd', agent_name: 'a', position: 0 });
  say('d', 140, 'run_started', { attempt: 1 });
  say('d', 142, 'step_delta', { step_id: '9', step_type: 'answer', delta: 'So ', iteration: 1 });
  say('d', 144, 'step_delta', { step_id: '9', step_type: 'answer', delta: 'far', iteration: 1 });
  const moment = new Moment(state, state.runs.get('d'), 146);
  moment.to(3);
  const { status, steps } = moment.state.runs.get('d');
  assert.deepEqual([status, textOf(steps.get('9')), moment.total], ['running', 'So …', 6]);
  moment.to(6);
  assert.equal(moment.state.runs.get('d').status, 'running');
});

test('an address names a moment of the newest run, or of another one', () => {
  assert.deepEqual(momentOfAddress('#t=12.3'), { at: 12.3, runId: null });
  assert.deepEqual(momentOfAddress(addressOfMoment(0.04, 'r-1')), { at: 0, runId: 'r-1' });
  for (const hash of ['', '#t=', '#t=-1', '#t=1e9', '#t=1&run=', '#t=1&run=../x', '#step-1', '#t=1#']) {
    assert.equal(momentOfAddress(hash), null, hash);
  }
});
