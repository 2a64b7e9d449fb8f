import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameLog } from '../../../clients/js/src/connection/frame-log.js';
import { connectionAnnouncement, connectionWords } from '../../wwwroot/js/chat/words/connection-words.js';
import { FakeClock } from '../../../clients/js/tests/fakes.mjs';

test('the connection is described in words for people', () => {
  const words = (connection, online = true) => connectionWords(connection, { now: 1_000, online });
  assert.equal(words({ status: 'connected' }), 'Connected');
  assert.equal(words({ status: 'connected', missing: 3 }), 'Catching up');
  assert.equal(words({ status: 'connected', caughtUp: 0 }), 'Caught up');
  assert.equal(words({ status: 'reconnecting', retryAt: 3_500 }), 'Reconnecting in 3 s');
  assert.equal(words({ status: 'reconnecting', retryAt: 3_500 }, false), 'Offline, trying again in 3 s');
  assert.equal(words({ status: 'reconnecting', retryAt: 900 }), 'Reconnecting');
  assert.match(words({ status: 'refused', code: 1008, reason: 'not yours' }), /not yours/);
  assert.equal(connectionAnnouncement({ status: 'connecting' }, { online: true }), '');
  assert.ok(!/\d/.test(connectionAnnouncement({ status: 'reconnecting', retryAt: 3_500 }, { online: true })));
});

test('the log counts, measures, and keeps only the last frames', () => {
  const clock = new FakeClock();
  const log = new FrameLog(clock);
  log.socketOpened();
  log.frameReceived({ type: 'connected', data: { resumed: true, last_seq: 7 } }, 10);
  log.frameSent({ type: 'ping' }, 15);
  clock.advance(12);
  log.frameReceived({ type: 'pong' }, 5);
  assert.equal(log.roundTripMs, 12);
  assert.deepEqual([log.opened, log.connected, log.resumed, log.received, log.sent, log.serverLastSeq], [1, 1, 1, 2, 1, 7]);
  for (let seq = 8; seq < 500; seq += 1) {
    log.frameReceived({ type: 'step_delta', seq }, 1);
  }

  const frames = log.frames();
  assert.ok(frames.length < 100);
  assert.deepEqual([frames[0].seq, frames[1].seq], [499, 498]);
  assert.equal(log.serverLastSeq, 499);
});
