import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialState } from '../../../clients/js/src/state/conversation-state.js';
import { reduce } from '../../../clients/js/src/state/reducer.js';
import { shares, timelineOf } from '../../wwwroot/js/chat/timeline/timeline.js';
import { Trace } from '../../wwwroot/js/chat/timeline/trace.js';

/** A run as it comes, and its trace, which is told of each step that an event touches. */
function live() {
  const state = reduce(initialState('s'), { type: 'snapshot', data: { epoch: 'e', last_seq: 0, messages: [], queued_runs: [] } });
  const drawn = [];
  let trace = null;
  const say = (timestamp, type, data) => {
    reduce(state, { type, seq: state.lastSeq + 1, run_id: 'r', timestamp, data });
    const run = state.runs.get('r');
    trace ??= new Trace(run, timestamp);
    for (const { kind, stepId } of state.changes) {
      if (kind === 'step' && trace.take(run.steps.get(stepId), timestamp)) {
        drawn.push(stepId);
      }
    }

    return trace;
  };
  say(99, 'run_queued', { message: 'hi', message_id: 'm', agent_name: 'chief', position: 0 });
  trace = null;
  say(100, 'run_started', { agent_name: 'chief', model: 'demo', attempt: 1 });
  return { say, drawn, run: state.runs.get('r'), step: (at, id, type, more) => say(at, 'reasoning_step', step(at, id, type, more)) };
}

const step = (timestamp, step_id, type, more = {}) => ({ step_id, type, content: 'x', iteration: 1, timestamp, ...more });
const call = (id, more = {}) => ({ tool_call_id: id, tool_name: 'x', ...more });
const below = (parent, agent, more = {}) => ({ parent_step_id: parent, agent_name: agent, ...more });

/** What is to be seen of a trace. */
function shown({ lanes, rows, delegations }) {
  return {
    lanes: lanes.map(({ agentName, depth }) => [agentName, depth]),
    rows: rows.map(({ lane, spans }) => [lane, ...spans.map(({ stepId, kind, asked, from, to }) => [stepId, kind, asked, from, to])]),
    delegations: [...delegations.values()].map(({ callStepId, outer, lane, from, to }) => [callStepId, outer, lane, from, to]),
  };
}

function delegated() {
  const one = live();
  one.step(101, '1', 'thought');
  one.step(102, '2', 'tool_use', call('a'));
  one.step(102, '3', 'tool_use', call('b'));
  one.step(104, '4', 'thought', below('2', 'analyst'));
  one.step(105, '5', 'thought', below('3', 'analyst'));
  one.step(106, '6', 'tool_use', below('2', 'analyst', call('c')));
  one.step(107, '7', 'tool_result', below('2', 'analyst', call('c', { duration_ms: 500 })));
  one.step(108, '8', 'tool_result', call('b'));
  one.step(109, '9', 'tool_result', call('a', { is_error: true }));
  one.step(111, '10', 'tool_use', call('d', { iteration: 2 }));
  one.step(113, '11', 'thought', below('10', 'analyst', { iteration: 1 }));
  one.step(114, '12', 'tool_result', call('d', { iteration: 2 }));
  return one;
}

test('each agent has a lane, one of a name that works at the same time another, and a lane that is free is taken again', () => {
  const { run } = delegated();
  const { lanes, delegations, rows } = shown(new Trace(run, 115));
  assert.deepEqual(lanes, [['chief', 0], ['analyst', 1], ['analyst', 1]]);
  assert.deepEqual(delegations, [['2', 0, 1, 2, 9], ['3', 0, 2, 2, 8], ['10', 0, 1, 11, 14]]);
  // A call and its result are one row, which stands where it was asked for.
  assert.deepEqual(rows.map(([lane, ...spans]) => [lane, spans.map(([id, kind]) => `${id} ${kind}`).join()]), [
    [0, '1 model'], [0, '2 model,9 agent'], [0, '3 model,8 agent'], [1, '4 model'], [2, '5 model'], [1, '6 model,7 tool'],
    [0, '10 model,12 agent'], [1, '11 model'],
  ]);
});

test('what came step by step and what was loaded are the same trace', () => {
  const one = delegated();
  const trace = one.step(116, '13', 'final_answer', { iteration: 3, duration_ms: 1000 });
  assert.deepEqual(shown(trace), shown(new Trace(one.run, 116)));
  assert.deepEqual([...trace.rows.flatMap(({ spans }) => spans)].map(({ stepId, from, to }) => [stepId, from, to]).sort(),
    timelineOf(one.run, 116).spans.map(({ stepId, from, to }) => [stepId, from, to]).sort());
});

test('a token is no work, and a step costs the same after thousands', () => {
  const one = live();
  const all = () => assert.fail('all steps were looked at');
  Object.assign(one.run.steps, { values: all, keys: all, entries: all, forEach: all, [Symbol.iterator]: all });
  for (let number = 0; number < 2_000; number += 1) {
    const id = String(number);
    for (const delta of ['a', 'b', 'c']) {
      one.say(101 + number, 'step_delta', { step_id: id, step_type: 'thought', delta, iteration: number });
    }

    one.step(101.5 + number, id, 'thought', { iteration: number });
  }

  assert.equal(one.drawn.length, 2 * 2_000);
  assert.deepEqual(one.drawn.slice(-2), ['1999', '1999']);
});

test('what goes on grows with the clock', () => {
  const one = live();
  const trace = one.say(101, 'step_delta', { step_id: '1', step_type: 'thought', delta: 'a', iteration: 1 });
  trace.grow(104);
  assert.deepEqual([...trace.open].map(({ asked, from, to }) => [asked, from, to]), [[0, 1, 4]]);
  one.step(105, '1', 'thought');
  assert.deepEqual([[...trace.open], trace.rows[0].spans.map(({ to }) => to)], [[], [5]]);
});

test('a moment without a worker is neither the model\'s time nor a tool\'s', () => {
  const one = live();
  one.step(102, '1', 'tool_use', call('a'));
  one.say(120, 'run_started', { agent_name: 'chief', attempt: 2 });
  one.step(121, '2', 'tool_result', call('a'));
  one.step(123, '3', 'final_answer', { iteration: 2 });
  const { spans, waits, losses } = timelineOf(one.run, 123);
  assert.deepEqual([waits, losses], [[], [{ from: 2, to: 20 }]]);
  assert.deepEqual(spans.map(({ asked, from, to }) => [asked, from, to]), [[0, 0, 2], [20, 20, 21], [21, 21, 23]]);
  assert.deepEqual(shares(spans, waits, losses), { model: 4, tool: 1, wait: 0, lost: 18 });
  const { rests } = new Trace(one.run, 123).axis(123);
  assert.deepEqual(rests, [{ from: 2, to: 20, kind: 'lost', open: false, isBroken: true }]);
});

test('a long wait is drawn with a break, and the way there and back is the same', () => {
  const one = live();
  one.step(102, '1', 'tool_use', call('a'));
  one.say(102, 'tool_approval_required', { tool_call_id: 'a', tool_name: 'x', expires_at: 9_999 });
  const trace = new Trace(one.run, 200);
  const waiting = trace.axis(200);
  assert.deepEqual(waiting.rests, [{ from: 2, to: 100, kind: 'wait', open: true, isBroken: true }]);
  // Nothing moves while it waits on.
  assert.equal(trace.axis(900).key, waiting.key);
  assert.equal(trace.axis(900).shareOf(2), waiting.shareOf(2));

  one.say(3_702, 'tool_approval_resolved', { tool_call_id: 'a', approved: true, by: 'client' });
  one.step(3_704, '2', 'tool_result', call('a'));
  one.say(3_706, 'run_finished', { status: 'completed', duration_ms: 6_000 });
  const axis = new Trace(one.run, 3_706).axis(3_706);
  assert.ok(axis.shareOf(3_602) - axis.shareOf(2) < 0.1);
  for (const at of [0, 1, 2, 1_000, 3_602, 3_604, 3_606]) {
    assert.ok(Math.abs(axis.momentAt(axis.shareOf(at)) - at) < 1e-6, String(at));
  }

  assert.equal(axis.shareOf(3_606), 1);
});

test('an axis grows by leaps, and what is drawn stays where it is in between', () => {
  const trace = new Trace(live().run, 100);
  const keys = Array.from({ length: 1_000 }, (_, second) => trace.axis(100 + second).key);
  assert.ok(new Set(keys).size < 25);
  assert.ok(trace.axis(160).shareOf(60) > 0.7);
});

test('a moment on a lane leads to what was under way there', () => {
  const { run } = delegated();
  const trace = new Trace(run, 115);
  const at = (lane, moment) => trace.rowAt(lane, moment, 0.1)?.stepId ?? null;
  assert.deepEqual([at(0, 0.5), at(0, 5), at(1, 3), at(1, 6.8), at(2, 4), at(2, 7), at(1, 10), at(9, 1)],
    ['1', '3', '4', '6', '5', null, null, null]);
  assert.equal(trace.beside(trace.rows[0], 1), trace.rows[1]);
  assert.equal(trace.beside(trace.rows[0], -1), undefined);
});

test('a run of which nothing is known yet has a trace', () => {
  const trace = new Trace({ ...live().run, startedAt: undefined, queuedAt: undefined, steps: new Map() }, 100);
  const axis = trace.axis(100);
  assert.deepEqual([trace.rows, axis.shareOf(0), trace.rowAt(0, 1, 1)], [[], 0, null]);
});
