import assert from 'node:assert/strict';
import test from 'node:test';
import { doingNow, Pace, summary } from '../../wwwroot/js/chat/runs/run-now.js';
import { byWorker, leaseWords } from '../../wwwroot/js/chat/runs/workers.js';
import { finishStep, newRun, stepOf } from '../../../clients/js/src/state/run-state.js';

const run = () => Object.assign(newRun('r', 1), { status: 'running', agentName: 'assistant' });

test('doing now: before the first step it begins', () => {
  assert.equal(doingNow(undefined), null);
  assert.deepEqual(doingNow(run()), { kind: 'thought', words: 'Begins' });
});

test('doing now: what streams is told by its last line', () => {
  const one = run();
  stepOf(one, 's1', 'thought', { agent_name: 'assistant' }).chunks.push('First.\nSecond', ' line');
  assert.deepEqual(doingNow(one), { kind: 'thought', words: 'Second line' });
});

test('doing now: a call that waits for its result is told by its tool and arguments', () => {
  const one = run();
  finishStep(one, { step_id: 's1', type: 'tool_use', tool_name: 'calculator', arguments: { expression: '2+2' } });
  assert.deepEqual(doingNow(one), { kind: 'tool_use', words: 'calculator 2+2' });
  finishStep(one, { step_id: 's2', type: 'tool_result', content: '4' });
  assert.deepEqual(doingNow(one), { kind: 'thought', words: 'Thinks about the result' });
});

test('doing now: another agent at work is named', () => {
  const one = run();
  stepOf(one, 's1', 'thought', { agent_name: 'analyst' });
  assert.deepEqual(doingNow(one), { kind: 'thought', words: 'Thinks', agentName: 'analyst' });
});

test('pace: tokens of the last seconds, and none from what was counted anew', () => {
  const pace = new Pace();
  assert.equal(pace.sample(10, 0), 0);
  assert.equal(pace.sample(12, 40), 20);
  assert.equal(pace.sample(14, 80), 20);
  assert.equal(pace.sample(20, 80), 0);
  assert.equal(pace.sample(21, 30), 0);
  assert.equal(pace.sample(22, 40), 10);
});

test('summary: what there is none of is not told', () => {
  const of = (...statuses) => summary(statuses.map((status) => ({ status })));
  assert.equal(of(), '');
  assert.equal(of('running', 'waiting', 'queued', 'queued'), '1 working · 1 asks you · 2 queued');
  assert.equal(of('waiting', 'waiting'), '2 ask you');
});

test('workers: the busiest first, what nobody has last', () => {
  const workers = byWorker([
    { status: 'queued', run_id: '1' }, { status: 'running', worker: 'b', run_id: '2' }, { status: 'running', worker: 'a', run_id: '3' },
    { status: 'running', worker: 'b', run_id: '4' }, { status: 'waiting', worker: 'a', run_id: '5' },
  ]);
  assert.deepEqual([...workers].map(([worker, runs]) => [worker, runs.map((one) => one.run_id)]),
    [['b', ['2', '4']], ['a', ['3']], ['', ['1', '5']]]);
});

test('lease: says for how long it holds, and when it does no more', () => {
  assert.equal(leaseWords({ status: 'running', lease_until: 110, attempt: 1 }, 102), 'lease for 8.0 s');
  assert.equal(leaseWords({ status: 'running', lease_until: 100, attempt: 2 }, 102),
    'attempt 2, lease has run out: another worker may take over');
  assert.equal(leaseWords({ status: 'waiting', attempt: 1 }, 102), 'waits for a person');
});
