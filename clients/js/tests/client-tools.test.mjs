import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientTools, Session } from '../src/index.js';
import { FakeClock, fakeWebSocket } from './fakes.mjs';

const question = { tool_call_id: 'c1', tool_name: 'weather', arguments: { city: 'Rome' }, client_tool: true };

/** A session with a tool, connected to a server that the test plays. */
function setUp(execute) {
  const clock = new FakeClock();
  const WebSocket = fakeWebSocket();
  const calls = [];
  const failed = [];
  const tools = new ClientTools(
    [{ name: 'weather', parameters: { type: 'object' }, execute: (args, call) => { calls.push(call); return execute(args); } }],
    { onFailed: ({ toolName }, error) => failed.push(`${toolName}: ${error.message}`) });
  const session = new Session({ server: 'http://host', sessionId: 's1', tools, WebSocket, clock, random: () => 1 });
  const connect = (resumed, data = {}) => {
    WebSocket.last.receive({ type: 'connected', data: { epoch: 'e1', last_seq: 0, resumed } });
    if (!resumed) {
      WebSocket.last.receive({ type: 'snapshot', data: { epoch: 'e1', last_seq: 0, messages: [], ...data } });
    }
  };
  const ask = (more) => WebSocket.last.receive({ type: 'tool_approval_required', seq: 1, run_id: 'r1', data: { ...question, ...more } });
  const results = () => WebSocket.made.flatMap(({ sent }) => sent)
    .filter(({ type }) => type === 'tool_result').map(({ payload }) => payload);
  session.connect();
  return { clock, WebSocket, session, connect, ask, calls, failed, results };
}

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

test('client tools: messages bring them along, without what executes them', () => {
  const { WebSocket, session, connect } = setUp();
  connect(false);
  session.send({ message: 'Is it warm?' });
  assert.deepEqual(WebSocket.last.sent.at(-1).payload.tools, [{ name: 'weather', parameters: { type: 'object' } }]);
});

test('client tools: a call is executed once, and its result given', async () => {
  const { connect, ask, calls, results } = setUp(({ city }) => ({ city, degrees: 20 }));
  connect(false);
  ask();
  await settled();
  assert.deepEqual(calls, [{ runId: 'r1', toolCallId: 'c1', toolName: 'weather' }]);
  assert.deepEqual(results(), [{ run_id: 'r1', tool_call_id: 'c1', result: '{"city":"Rome","degrees":20}' }]);
});

test('client tools: a result that may be lost is given again, until the log has it', async () => {
  const { clock, WebSocket, connect, ask, calls, results } = setUp(() => '20');
  connect(false);
  ask();
  await settled();
  WebSocket.last.end(1006);
  clock.advance(500);
  connect(true);
  assert.equal(results().length, 2);
  WebSocket.last.receive({ type: 'tool_approval_resolved', seq: 2, run_id: 'r1', data: { tool_call_id: 'c1', approved: true } });
  WebSocket.last.receive({ type: 'status', data: { state: 'ok' } });
  assert.equal(results().length, 2);
  assert.equal(calls.length, 1);
});

test('client tools: who begins with a snapshot executes what has no result', async () => {
  const { connect, results } = setUp(() => '20');
  connect(false, { active_run: { run_id: 'r1', status: 'waiting', open_steps: [], pending_approvals: [question] } });
  await settled();
  assert.deepEqual(results(), [{ run_id: 'r1', tool_call_id: 'c1', result: '20' }]);
});

test('client tools: one that throws is told to the model without its words', async () => {
  const { connect, ask, failed, results } = setUp(() => { throw new Error('secret'); });
  connect(false);
  ask();
  await settled();
  assert.deepEqual(failed, ['weather: secret']);
  assert.deepEqual(results(), [{ run_id: 'r1', tool_call_id: 'c1', result: 'weather failed.', is_error: true }]);
});

test('client tools: calls of others, and those that want leave, are left alone', async () => {
  const { session, connect, ask, calls, results } = setUp(() => '20');
  connect(false);
  ask({ client_tool: undefined });
  await settled();
  assert.equal(calls.length, 0);
  assert.equal(session.giveResult('r1', 'c1', 'late', true), true);
  assert.deepEqual(results(), [{ run_id: 'r1', tool_call_id: 'c1', result: 'late', is_error: true }]);
});
