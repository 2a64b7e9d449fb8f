import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listUpdater } from '../../wwwroot/js/chat/sessions/list-updates.js';

function noted(state, type) {
  let facts = null;
  const update = listUpdater({ list: { note: (_, told) => { facts = told; }, poke() {} }, tabs: { tell() {} } });
  update({ sessionId: 's', state: { queue: [], runs: new Map(), activeRun: null, title: null, ...state } },
    { type, data: { message: 'm' } });
  return [facts.busy, facts.state];
}

const run = (status) => ({ activeRun: 'r', runs: new Map([['r', { status }]]) });

test('the list tells running, waiting for a person and waiting for a turn apart', () => {
  assert.deepEqual(noted({ queue: ['r'] }, 'run_queued'), [true, 'queued']);
  assert.deepEqual(noted({ ...run('running'), queue: ['q'] }, 'run_queued'), [true, 'running']);
  assert.deepEqual(noted(run('running'), 'run_started'), [true, 'running']);
  assert.deepEqual(noted(run('waiting'), 'tool_approval_required'), [true, 'waiting']);
  assert.deepEqual(noted(run('running'), 'tool_approval_resolved'), [true, 'running']);
  assert.deepEqual(noted({ queue: ['q'] }, 'run_finished'), [true, 'queued']);
  assert.deepEqual(noted({}, 'run_finished'), [false, 'idle']);
  assert.deepEqual(noted(run('waiting'), 'snapshot'), [true, 'waiting']);
});
