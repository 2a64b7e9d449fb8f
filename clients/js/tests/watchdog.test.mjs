import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setUp } from './fake-connection.mjs';

test('silence is answered with a ping, and silence after that with a new socket', () => {
  const { clock, WebSocket, connection, startAt } = setUp();
  startAt(0);
  clock.advance(40_000);
  assert.deepEqual(WebSocket.last.sent, [{ type: 'ping' }]);
  clock.advance(8_000);
  assert.equal(WebSocket.made[0].closedWith, 1000);
  assert.equal(connection.state.status, 'reconnecting');
});

test('heartbeats and pongs keep the socket', () => {
  const { clock, WebSocket, startAt } = setUp();
  startAt(0);
  for (let i = 0; i < 10; i += 1) {
    clock.advance(30_000);
    WebSocket.last.receive({ type: 'heartbeat', data: { epoch: 'e1', last_seq: 0, timestamp: 1 } });
  }

  clock.advance(40_000);
  WebSocket.last.receive({ type: 'pong' });
  clock.advance(30_000);
  assert.equal(WebSocket.made.length, 1);
});

test('a page that wakes up makes sure that its socket is alive', () => {
  const { clock, WebSocket, connection, startAt } = setUp();
  startAt(0);
  connection.wakeUp();
  assert.deepEqual(WebSocket.last.sent, [{ type: 'ping' }]);
  clock.advance(5_000);
  assert.equal(WebSocket.made.length, 2);
});

test('a network that is said to be gone puts the connection in doubt: nothing is sent over it, and the server is asked', () => {
  const { clock, WebSocket, connection, startAt } = setUp();
  startAt(0);
  connection.doubt();
  assert.equal(connection.state.status, 'doubtful');
  assert.equal(connection.send({ type: 'chat' }), false);
  assert.deepEqual(WebSocket.last.sent, [{ type: 'ping' }]);
  clock.advance(3_600_000);
  assert.ok(WebSocket.made.length > 1);
});

test('an answer ends the doubt, and what waits is sent; what else comes does not', () => {
  const { clock, WebSocket, seen, connection, entry, startAt } = setUp();
  startAt(0);
  connection.doubt();
  entry(1);
  assert.equal(connection.state.status, 'doubtful');
  WebSocket.last.receive({ type: 'pong' });
  assert.equal(connection.state.status, 'connected');
  assert.equal(seen.connected, 2);
  clock.advance(10_000);
  assert.equal(WebSocket.made.length, 1);
});

test('a message that nothing answers puts the connection in doubt', () => {
  const { clock, WebSocket, connection, startAt } = setUp();
  startAt(0);
  connection.send({ type: 'chat' });
  clock.advance(5_000);
  assert.equal(connection.state.status, 'doubtful');
  clock.advance(3_600_000);
  assert.ok(WebSocket.made.length > 1);
});
