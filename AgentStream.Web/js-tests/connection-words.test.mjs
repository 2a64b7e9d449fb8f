import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionTrace } from '../wwwroot/js/chat/connection-trace.js';
import { connectionAnnouncement, connectionWords } from '../wwwroot/js/chat/connection-words.js';
import { FakeClock } from './fakes.mjs';

test('the connection is described in words for people', () => {
  const words = (connection, online = true) => connectionWords(connection, { now: 1_000, online });
  assert.equal(words({ status: 'connected' }), 'Connected');
  assert.equal(words({ status: 'connected', behind: 3 }), 'Catching up');
  assert.equal(words({ status: 'connected', caughtUp: 0 }), 'Caught up');
  assert.equal(words({ status: 'reconnecting', retryAt: 3_500 }), 'Reconnecting in 3 s');
  assert.equal(words({ status: 'reconnecting', retryAt: 3_500 }, false), 'Offline, trying again in 3 s');
  assert.equal(words({ status: 'reconnecting', retryAt: 900 }), 'Reconnecting');
  assert.match(words({ status: 'refused', code: 1008, reason: 'not yours' }), /not yours/);
  assert.equal(connectionAnnouncement({ status: 'connecting' }, { online: true }), '');
  assert.ok(!/\d/.test(connectionAnnouncement({ status: 'reconnecting', retryAt: 3_500 }, { online: true })));
});

test('the trace counts, measures, and keeps only the last frames', () => {
  const clock = new FakeClock();
  const trace = new ConnectionTrace(clock);
  trace.socketOpened();
  trace.frameReceived({ type: 'connected', data: { resumed: true, last_seq: 7 } }, 10);
  trace.frameSent({ type: 'ping' }, 15);
  clock.advance(12);
  trace.frameReceived({ type: 'pong' }, 5);
  assert.equal(trace.roundTripMs, 12);
  assert.deepEqual([trace.opened, trace.connected, trace.resumed, trace.received, trace.sent, trace.serverLastSeq], [1, 1, 1, 2, 1, 7]);
  for (let seq = 8; seq < 500; seq += 1) {
    trace.frameReceived({ type: 'step_delta', seq }, 1);
  }

  const frames = trace.frames();
  assert.ok(frames.length < 100);
  assert.deepEqual([frames[0].seq, frames[1].seq], [499, 498]);
  assert.equal(trace.serverLastSeq, 499);
});
