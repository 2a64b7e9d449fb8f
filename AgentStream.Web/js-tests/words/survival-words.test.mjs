import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialState } from '../../wwwroot/js/chat/state/conversation-state.js';
import { reduce } from '../../wwwroot/js/chat/state/reducer.js';
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

test('a page that was not there says no more than the log does', () => {
  assert.equal(survivalWords({ attempt: 3, takeovers: [], steps: new Map() }), '2 workers lost · taken over');
});
