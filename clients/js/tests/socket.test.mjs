import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseBefore } from '../src/connection/backoff.js';
import { mayReconnect } from '../src/connection/close-codes.js';
import { setUp } from './fake-connection.mjs';

test('without a cursor it asks for a snapshot, and goes on after it', () => {
  const { WebSocket, connection, entry, entries, startAt } = setUp();
  startAt(7);
  assert.equal(WebSocket.last.address.search, '');
  entry(8);
  entry(9);
  assert.deepEqual(entries(), [8, 9]);
  assert.deepEqual(connection.cursor, { epoch: 'e1', lastSeq: 9 });
});

test('a lost socket is replaced by one that goes on after the last offset', () => {
  const { clock, WebSocket, states, connection, greet, entry, entries, startAt } = setUp();
  startAt(2);
  entry(3);
  WebSocket.last.end(1006);
  assert.equal(connection.state.status, 'reconnecting');
  clock.advance(500);
  assert.equal(WebSocket.made.length, 2);
  assert.equal(WebSocket.last.address.search, '?after=3&epoch=e1');
  greet(true);
  entry(4);
  assert.deepEqual(entries(), [3, 4]);
  assert.deepEqual(states, ['connecting', 'connected', 'reconnecting', 'connecting', 'connected']);
});

test('an entry that comes twice is handed on once', () => {
  const { entry, entries, startAt } = setUp();
  startAt(0);
  entry(1);
  entry(1);
  entry(2);
  assert.deepEqual(entries(), [1, 2]);
});

test('merged deltas count from their first offset', () => {
  const { WebSocket, connection, entry, entries, startAt } = setUp();
  startAt(0);
  entry(1);
  entry(6, 2);
  entry(7);
  assert.deepEqual(entries(), [1, 6, 7]);
  assert.equal(connection.cursor.lastSeq, 7);
  assert.equal(WebSocket.made.length, 1);
});

test('a gap is never handed on: it reconnects with the cursor, and without one if that does not help', () => {
  const { clock, WebSocket, greet, entry, entries, startAt } = setUp();
  startAt(0);
  entry(1);
  entry(3);
  clock.advance(500);
  assert.equal(WebSocket.last.address.search, '?after=1&epoch=e1');
  greet(true);
  entry(5, 3);
  clock.advance(1_000);
  assert.equal(WebSocket.last.address.search, '');
  assert.deepEqual(entries(), [1]);
});

test('a merged frame that overlaps what is here is a gap, too', () => {
  const { clock, WebSocket, entry, entries, startAt } = setUp();
  startAt(4);
  entry(6, 4);
  clock.advance(500);
  assert.equal(WebSocket.made.length, 2);
  assert.deepEqual(entries(), []);
});

test('a resync moves the cursor to another epoch', () => {
  const { clock, WebSocket, connection, greet, startAt } = setUp();
  startAt(40);
  WebSocket.last.end(1001);
  clock.advance(500);
  greet();
  WebSocket.last.receive({ type: 'resync', data: { epoch: 'e2', last_seq: 3, reason: 'epoch', messages: [] } });
  assert.deepEqual(connection.cursor, { epoch: 'e2', lastSeq: 3 });
});

for (const code of [1000, 1001, 1006, 1009, 1011, 4500, 4599]) {
  test(`it comes back after close code ${code}`, () => {
    const { clock, WebSocket, startAt } = setUp();
    startAt(0);
    WebSocket.last.end(code);
    clock.advance(500);
    assert.equal(WebSocket.made.length, 2);
  });
}

for (const code of [1008, 4400, 4429, 4499]) {
  test(`it stays away after close code ${code}, until it is told to connect`, () => {
    const { clock, WebSocket, connection, startAt } = setUp();
    startAt(0);
    WebSocket.last.end(code, 'no');
    clock.advance(3_600_000);
    assert.equal(WebSocket.made.length, 1);
    assert.deepEqual(connection.state, { status: 'refused', code, reason: 'no' });
    connection.wakeUp();
    assert.equal(WebSocket.made.length, 1);
    connection.connect();
    assert.equal(WebSocket.made.length, 2);
  });
}

test('close codes say whether to come back', () => {
  assert.deepEqual([1008, 4400, 4499].map(mayReconnect), [false, false, false]);
  assert.deepEqual([1001, 1006, 4399, 4500].map(mayReconnect), [true, true, true, true]);
});

test('what was too big is reported before it reconnects', () => {
  const { WebSocket, seen, startAt } = setUp();
  startAt(0);
  WebSocket.last.end(1009);
  assert.equal(seen.tooBig, 1);
});

test('attempts go on for ever, with growing pauses up to a cap', () => {
  const { clock, WebSocket, connection, startAt } = setUp();
  startAt(0);
  const pauses = [];
  for (let i = 0; i < 30; i += 1) {
    WebSocket.last.end(1006);
    const pause = connection.state.retryAt - clock.now();
    pauses.push(pause);
    clock.advance(pause);
  }

  assert.equal(WebSocket.made.length, 31);
  assert.deepEqual(pauses.slice(0, 4), [500, 1_000, 2_000, 4_000]);
  assert.equal(Math.max(...pauses), pauses.at(-1));
  assert.ok(pauses.at(-1) <= 15_000);
});

test('the pause is anything up to the ceiling', () => {
  assert.equal(pauseBefore(3, () => 1), 4_000);
  assert.equal(pauseBefore(3, () => 0.25), 1_000);
  assert.ok(pauseBefore(1_000, () => 1) <= 15_000);
  assert.ok(pauseBefore(0, () => 0) > 0);
});

test('a server that accepts and closes at once is not hammered', () => {
  const { clock, WebSocket, connection, greet, startAt } = setUp();
  startAt(0);
  WebSocket.last.end(4500);
  clock.advance(500);
  greet(true);
  WebSocket.last.end(4500);
  assert.equal(connection.state.retryAt - clock.now(), 1_000);
});

test('a connection that has lasted starts over with short pauses', () => {
  const { clock, WebSocket, connection, greet, startAt } = setUp();
  startAt(0);
  WebSocket.last.end(1006);
  clock.advance(500);
  greet(true);
  clock.advance(20_000);
  WebSocket.last.end(1006);
  assert.equal(connection.state.retryAt - clock.now(), 500);
});

test('"now" ends the pause', () => {
  const { WebSocket, connection, startAt } = setUp();
  startAt(0);
  WebSocket.last.end(1006);
  connection.reconnectNow();
  assert.equal(WebSocket.made.length, 2);
});

test('a heartbeat that is ahead for long means that something was missed', () => {
  const { clock, WebSocket, entry, startAt } = setUp();
  startAt(3);
  WebSocket.last.receive({ type: 'heartbeat', data: { epoch: 'e1', last_seq: 5, timestamp: 1 } });
  entry(4);
  entry(5);
  clock.advance(5_000);
  assert.equal(WebSocket.made.length, 1);

  WebSocket.last.receive({ type: 'heartbeat', data: { epoch: 'e1', last_seq: 7, timestamp: 1 } });
  entry(6);
  clock.advance(6_000);
  assert.equal(WebSocket.last.address.search, '?after=6&epoch=e1');
});

test('disconnected by the person it stays so, and knows where to go on', () => {
  const { clock, WebSocket, connection, startAt } = setUp();
  startAt(9);
  connection.disconnect();
  connection.wakeUp();
  clock.advance(3_600_000);
  assert.equal(WebSocket.made.length, 1);
  assert.equal(clock.pending, 0);
  connection.connect();
  assert.equal(WebSocket.last.address.search, '?after=9&epoch=e1');
});

test('nothing that a dropped socket still says is heard', () => {
  const { WebSocket, connection, entries, startAt } = setUp();
  startAt(0);
  const old = WebSocket.last;
  connection.disconnect();
  old.receive({ type: 'step_delta', seq: 1, run_id: 'r1', data: {} });
  old.end(1006);
  assert.deepEqual(entries(), []);
  assert.equal(connection.state.status, 'disconnected');
});

test('a server that never greets is given up', () => {
  const { clock, WebSocket, connection } = setUp();
  connection.connect();
  clock.advance(15_000);
  assert.equal(connection.state.status, 'reconnecting');
  assert.equal(WebSocket.made[0].closedWith, 1000);
});

test('it sends only while connected, and says so', () => {
  const { WebSocket, seen, connection, startAt } = setUp();
  assert.equal(connection.send({ type: 'ping' }), false);
  startAt(0);
  assert.equal(seen.connected, 1);
  assert.equal(connection.send({ type: 'cancel' }), true);
  assert.deepEqual(WebSocket.last.sent, [{ type: 'cancel' }]);
});

test('a frame that is not JSON is ignored, and the connection kept', () => {
  const { WebSocket, connection, startAt } = setUp();
  startAt(0);
  WebSocket.last.receive('{"type":');
  assert.equal(connection.state.status, 'connected');
});

test('coming back it says what was missed, and when it has caught up', () => {
  const { clock, WebSocket, connection, entry, startAt } = setUp();
  startAt(2);
  WebSocket.last.end(1006);
  clock.advance(500);
  WebSocket.last.receive({ type: 'connected', data: { epoch: 'e1', last_seq: 4, resumed: true } });
  assert.deepEqual(connection.state, { status: 'connected', missing: 2 });
  entry(3);
  assert.equal(connection.state.missing, 2);
  entry(4);
  assert.equal(connection.state.caughtUp, 2);
  assert.equal(connection.state.missing, undefined);
});

test('coming back to a session in which nothing happened it has caught up at once', () => {
  const { clock, WebSocket, connection, startAt } = setUp();
  startAt(2);
  WebSocket.last.end(1006);
  clock.advance(500);
  WebSocket.last.receive({ type: 'connected', data: { epoch: 'e1', last_seq: 2, resumed: true } });
  assert.equal(connection.state.caughtUp, 0);
});
