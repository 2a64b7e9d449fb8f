import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialState } from '../src/state/conversation-state.js';
import { reduce } from '../src/state/reducer.js';

function session(usage) {
  const state = initialState('s1');
  let seq = 0;
  reduce(state, { type: 'snapshot', data: { session_id: 's1', epoch: 'e', last_seq: 0, messages: [], queued_runs: [], usage } });
  return {
    state,
    entry(type, data) {
      seq += 1;
      reduce(state, { type, seq, run_id: 'r1', timestamp: seq, data });
    },
  };
}

test('cost: of a session is what it had cost and what replies add, live', () => {
  const { state, entry } = session({ cost: 1 });
  assert.equal(state.cost, 1);
  entry('usage', { input_tokens: 1, output_tokens: 1, total_tokens: 2, cost: 0.25 });
  entry('usage', { input_tokens: 1, output_tokens: 1, total_tokens: 2, cost: 0.25 });
  assert.equal(state.cost, 1.5);
  assert.equal(state.runs.get('r1').usage.cost, 0.5);
});

test('cost: the end of a run says what it has cost, and counts once', () => {
  const { state, entry } = session();
  entry('usage', { input_tokens: 1, output_tokens: 1, total_tokens: 2, cost: 0.25 });
  entry('run_finished', { status: 'completed', usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2, cost: 0.75 } });
  assert.equal(state.cost, 0.75);
});

test('cost: nothing where nothing has a price', () => {
  const { state, entry } = session();
  entry('usage', { input_tokens: 1, output_tokens: 1, total_tokens: 2 });
  entry('run_finished', { status: 'completed', usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } });
  assert.equal(state.cost, 0);
});
