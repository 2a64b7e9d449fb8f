import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShortFrames } from '../src/connection/short-frames.js';
import { setUp } from './fake-connection.mjs';

const delta = (seq, text, step = 's1') => ({
  seq, type: 'step_delta', run_id: 'r1', timestamp: seq, data: { step_id: step, step_type: 'answer', delta: text, iteration: 1 },
});

test('a short frame is the delta before it with what it says itself', () => {
  const frames = new ShortFrames();
  assert.deepEqual(frames.read(delta(4, 'a')), delta(4, 'a'));
  assert.deepEqual(frames.read({ seq: 5, timestamp: 5, delta: 'b' }), { first_seq: undefined, ...delta(5, 'b') });
  assert.deepEqual(frames.read({ seq: 9, first_seq: 6, timestamp: 9, delta: 'cd' }), { ...delta(9, 'cd'), first_seq: 6 });
  assert.deepEqual(frames.read({ seq: 10, timestamp: 10, delta: 'e' }), { first_seq: undefined, ...delta(10, 'e') });
});

test('it goes on from the entry before, whatever notices come between', () => {
  const frames = new ShortFrames();
  frames.read(delta(1, 'a', 's1'));
  frames.read(delta(2, 'b', 's2'));
  const heartbeat = { type: 'heartbeat', data: { last_seq: 2 } };
  assert.equal(frames.read(heartbeat), heartbeat);
  assert.equal(frames.read({ seq: 3, timestamp: 3, delta: 'c' }).data.step_id, 's2');
});

test('where the entry before is no delta there is nothing to go on from', () => {
  const frames = new ShortFrames();
  frames.read(delta(1, 'a'));
  frames.read({ seq: 2, type: 'usage', run_id: 'r1', data: {} });
  assert.equal(frames.read({ seq: 3, timestamp: 3, delta: 'b' }), undefined);
});

test('the connection asks for short frames and hands on whole ones', () => {
  const { WebSocket, frames, connection, startAt } = setUp();
  startAt(3);
  assert.deepEqual(WebSocket.last.protocols, ['agentstream.v2', 'agentstream.v1']);
  WebSocket.last.receive(delta(4, 'a'));
  WebSocket.last.receive({ seq: 5, timestamp: 5, delta: 'b' });
  assert.deepEqual(frames.at(-1), { first_seq: undefined, ...delta(5, 'b') });
  assert.equal(connection.cursor.lastSeq, 5);
});

test('a short frame that goes on from nothing is a gap: nothing of an earlier socket counts', () => {
  const { clock, WebSocket, greet, entries, startAt } = setUp();
  startAt(3);
  WebSocket.last.receive(delta(4, 'a'));
  WebSocket.last.end(1006);
  clock.advance(500);
  greet(true);
  WebSocket.last.receive({ seq: 5, timestamp: 5, delta: 'b' });
  clock.advance(1_000);
  assert.equal(WebSocket.made.length, 3);
  assert.equal(WebSocket.last.address.search, '?after=4&epoch=e1');
  assert.deepEqual(entries(), [4]);
});
