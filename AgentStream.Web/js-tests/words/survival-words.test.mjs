import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialState } from '../../../clients/js/src/state/conversation-state.js';
import { reduce } from '../../../clients/js/src/state/reducer.js';
import { survivalWords } from '../../wwwroot/js/chat/words/survival-words.js';

let seq = 0;

function tell(state, timestamp, type, data) {
  seq += 1;
  return reduce(state, { seq, type, run_id: 'r', timestamp, data });
}

function step(state, timestamp, type, id, call, more = {}) {
  tell(state, timestamp, 'reasoning_step', { step_id: id, type, content: 'x', tool_call_id: call, iteration: 1, timestamp, ...more });
}

function lost(more = {}) {
  const state = initialState('s');
  state.lastSeq = seq;
  tell(state, 100, 'run_queued', { message_id: 'm', message: 'q', position: 0 });
  tell(state, 101, 'run_started', { agent_name: 'a', attempt: 1 });
  step(state, 102, 'tool_use', 's1', 'c1');
  step(state, 103, 'tool_result', 's2', 'c1');
  step(state, 104, 'tool_use', 's3', 'c2');
  tell(state, 112.8, 'run_started', { agent_name: 'a', attempt: 2, ...more });
  return state;
}

test('a run that nobody lost says nothing', () => {
  const state = initialState('s');
  state.lastSeq = seq;
  tell(state, 100, 'run_queued', { message_id: 'm', message: 'q', position: 0 });
  tell(state, 101, 'run_started', { agent_name: 'a', attempt: 1 });
  tell(state, 150, 'run_started', { agent_name: 'a', attempt: 1 });
  assert.equal(survivalWords(state.runs.get('r')), '');
});

test('a takeover says how long nobody worked, what was reused and what was done again', () => {
  const state = lost();
  const words = () => survivalWords(state.runs.get('r'));
  assert.equal(words(), 'worker lost · taken over after 8.8 s · 1 result reused · 0 calls repeated');

  step(state, 113, 'tool_result', 's4', 'c2', { in_doubt: true, is_error: true });
  assert.equal(words(), 'worker lost · taken over after 8.8 s · 1 result reused · 0 calls repeated', 'in doubt is not repeated');
});

test('a call that was made again is counted', () => {
  const state = lost();
  step(state, 113, 'tool_result', 's4', 'c2');
  assert.equal(survivalWords(state.runs.get('r')), 'worker lost · taken over after 8.8 s · 1 result reused · 1 call repeated');
});

const message = (more) => ({ seq: 1, run_id: 'r', message_id: 'm', message: 'q', agent_name: 'a', queued_at: 1, steps: [], ...more });

function loaded(message, active) {
  return reduce(initialState('s'), { type: 'snapshot', data: { epoch: 'e', last_seq: 9, messages: [message], active_run: active } });
}

test('a page that was not there says what the log says', () => {
  const takeover = { from: 104, to: 112.8, reused: 9, open_calls: ['c2'] };
  const words = (more) => survivalWords(loaded(message({ status: 'completed', attempt: 2, takeovers: [takeover], ...more })).runs.get('r'));
  assert.equal(words(), 'worker lost · taken over after 8.8 s · 9 results reused · 0 calls repeated');
  assert.match(words({ steps: [{ step_id: '1', type: 'tool_result', tool_call_id: 'c2' }] }), /1 call repeated$/);
  assert.equal(words({ enable_reasoning: false }), 'worker lost · taken over after 8.8 s');
  assert.equal(words({ attempt: 3, takeovers: undefined }), '2 workers lost · taken over');
});

test('a page that came between the loss and the takeover knows since when nobody worked', () => {
  const state = loaded(message({ status: 'running', attempt: 1 }), { run_id: 'r', status: 'running', attempt: 1, heard_at: 104 });
  reduce(state, { type: 'run_started', seq: 10, run_id: 'r', timestamp: 112.8, data: { attempt: 2 } });
  assert.match(survivalWords(state.runs.get('r')), /^worker lost · taken over after 8\.8 s · /);
});

test('another agent that had begun goes on, and its call is not repeated', () => {
  const state = initialState('s');
  state.lastSeq = seq;
  tell(state, 100, 'run_queued', { message_id: 'm', message: 'q', position: 0 });
  tell(state, 101, 'run_started', { agent_name: 'a', attempt: 1 });
  step(state, 102, 'tool_use', 's1', 'c1');
  step(state, 103, 'thought', 's2', undefined, { parent_step_id: 's1' });
  tell(state, 113, 'run_started', { agent_name: 'a', attempt: 2 });
  step(state, 114, 'tool_result', 's3', 'c1');
  assert.match(survivalWords(state.runs.get('r')), /0 calls repeated$/);
});
