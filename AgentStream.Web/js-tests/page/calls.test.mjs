import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedCalls, toolCalls } from '../../wwwroot/js/chat/timeline/calls.js';
import { planRows } from '../../wwwroot/js/chat/view/steps/planned-rows.js';
import { StepPlaces } from '../../wwwroot/js/chat/view/steps/step-places.js';
import { agentClass, agentLetters } from '../../wwwroot/js/chat/words/agent-look.js';
import {
  callFlag, callState, callTime, lastLine, shortArguments, shortProse, shortResult,
} from '../../wwwroot/js/chat/words/call-words.js';

const use = (stepId, toolCallId, more = {}) => ({ stepId, type: 'tool_use', toolCallId, open: false, iteration: 1, ...more });
const result = (stepId, toolCallId, more = {}) => ({ stepId, type: 'tool_result', toolCallId, open: false, iteration: 1, ...more });
const thought = (stepId, more = {}) => ({ stepId, type: 'thought', open: false, iteration: 1, ...more });

test('a result stands in the row of its call, in whichever order results come', () => {
  const places = new StepPlaces();
  places.of(use('a', 'c1'));
  places.of(use('b', 'c2'));

  assert.deepEqual(places.of(result('x', 'c2')), { row: 'b', list: null });
  assert.deepEqual(places.of(result('y', 'c1')), { row: 'a', list: null });
  assert.deepEqual(places.of(result('z', 'unknown')), { row: 'z', list: null });
});

test('a result that is still coming stands at the first call that waits, until it says whose it is', () => {
  const places = new StepPlaces();
  places.of(use('a', 'c1'));
  places.of(use('b', 'c2'));

  assert.equal(places.of(result('x', undefined, { open: true })).row, 'a');
  assert.equal(places.of(result('x', undefined, { open: true })).row, 'a');
  assert.equal(places.of(result('y', undefined, { open: true })).row, 'b');
  assert.equal(places.of(result('x', 'c2')).row, 'b');
  assert.equal(places.of(result('z', undefined, { open: true })).row, 'a');
});

test('what another agent did stands within the call that it was asked with', () => {
  const places = new StepPlaces();
  places.of(use('a', 'c1'));
  assert.deepEqual(places.of(thought('t', { parentStepId: 'a' })), { row: 't', list: 'a' });
  assert.deepEqual(places.of(use('n', 'c1-1', { parentStepId: 'a' })), { row: 'n', list: 'a' });
  assert.deepEqual(places.of(result('m', 'c1-1', { parentStepId: 'a' })), { row: 'n', list: 'a' });
  assert.deepEqual(places.of(thought('d', { parentStepId: 't' })), { row: 'd', list: 'a' }, 'a thought holds nothing');
  assert.deepEqual(places.of(result('r', 'c1', { parentStepId: 'a' })), { row: 'a', list: null });
});

test('a call that was taken back makes room', () => {
  const places = new StepPlaces();
  places.of(use('a', 'c1'));
  places.forget('a');
  places.of(use('b', 'c2'));
  assert.equal(places.of(result('x', undefined, { open: true })).row, 'b');
});

test('planned rows hold all that they will show, and know what stood before them', () => {
  const rows = planRows([
    thought('t'), use('a', 'c1'), use('b', 'c2'), use('n', 'c1-1', { parentStepId: 'a' }), result('m', 'c1-1', { parentStepId: 'a' }),
    result('y', 'c2'), result('x', 'c1', { iteration: 2 }), thought('u', { iteration: 2 }),
  ]);
  assert.deepEqual([...rows].map(([row, { steps, after }]) => [row, steps.map(({ stepId }) => stepId).join(), after]), [
    ['t', 't', undefined], ['a', 'a,n,m,x', 1], ['b', 'b,y', 1], ['u', 'u', 1],
  ]);
});

test('arguments and results fit into a line', () => {
  assert.equal(shortArguments({ expression: '2340*17.5/100' }), '2340*17.5/100');
  assert.equal(shortArguments({ a: 'x', b: 2, c: { d: [1] } }), 'a: x, b: 2, c: {"d":[1]}');
  assert.equal(shortArguments({ list: [1, 2] }), 'list: [1,2]');
  assert.equal(shortArguments('{ broken'), '{ broken');
  assert.equal(shortArguments({}), '');
  assert.equal(shortArguments(undefined), '');
  assert.equal(shortResult(' one\n\ttwo '), 'one two');
  assert.equal(shortResult('x'.repeat(500)).length, 162);
  assert.equal(shortProse('## A **bold** `word`:\n\n- 6 * 7 = 42\n2. snake_case'), 'A bold word: 6 * 7 = 42 snake_case');
  assert.equal(lastLine(['one\ntw', 'o\nthr', 'ee\n']), 'three');
  assert.equal(lastLine([]), '');
});

test('what failed, was refused, is in doubt or never came is told from what is done', () => {
  const state = (more, over = false, decision) => callState(use('a', 'c', { decision }), more && result('b', 'c', more), over);
  assert.equal(state({}), 'done');
  assert.equal(state({ isError: true }), 'failed');
  assert.equal(state({ isError: true }, false, { approved: false }), 'refused');
  assert.equal(state({ isError: true, inDoubt: true }), 'doubt');
  assert.equal(state({ cutOff: true }), 'none');
  assert.equal(state(null), 'running');
  assert.equal(state(null, true), 'none');
  assert.equal(state({ open: true }), 'running');
  assert.equal(callState(use('a', undefined, { open: true }), null, false), 'written');
  assert.equal(callFlag('done') + callFlag('running') + callFlag('written'), '');
  assert.ok(['failed', 'refused', 'doubt', 'none'].every(callFlag));
});

test('the time of a call is its result\'s, and until then how long it is under way', () => {
  assert.equal(callTime(use('a', 'c'), result('b', 'c', { durationMs: 28 })), '28 ms');
  assert.equal(callTime(use('a', 'c', { finishedAt: 10 }), null, 13.7), '3.0 s');
  assert.equal(callTime(use('a', 'c', { finishedAt: 10 }), null, 10.7), '');
  assert.equal(callTime(use('a', 'c'), null, 13), '');
});

test('failed calls are counted apart', () => {
  const steps = [
    use('a', '1'), use('b', '2'), result('c', '1'), result('d', '2', { isError: true }), result('e', '3', { inDoubt: true }),
  ];
  const run = { steps: new Map(steps.map((step) => [step.stepId, step])) };
  assert.equal(toolCalls(run), 3);
  assert.equal(failedCalls(run), 2);
});

test('agents look the same everywhere, and the ones that come with AgentStream are told apart', () => {
  assert.equal(agentClass('analyst'), agentClass('analyst'));
  assert.equal(new Set(['assistant', 'researcher', 'analyst'].map(agentClass)).size, 3);
  assert.ok(['', 'x', 'Übersetzer', '日本'].every((name) => /^agent-[0-7]$/.test(agentClass(name))));
  assert.deepEqual(['assistant', 'data-analyst', '', 'x', '日本'].map(agentLetters), ['As', 'DA', '?', 'X', '日本']);
});
