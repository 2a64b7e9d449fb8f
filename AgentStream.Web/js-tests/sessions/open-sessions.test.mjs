import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenSessions } from '../../wwwroot/js/chat/sessions/open-sessions.js';

function fakeSessions() {
  const made = [];
  return {
    made,
    sessions: new OpenSessions((sessionId) => {
      const session = {
        sessionId,
        connection: { status: 'disconnected' },
        left: 0,
        disconnected: 0,
        leave() { this.left += 1; },
        disconnect() { this.disconnected += 1; },
      };
      made.push(sessionId);
      return session;
    }),
  };
}

test('a session that was open lately is there when one comes back', () => {
  const { made, sessions } = fakeSessions();
  const one = sessions.open('one');
  sessions.open('two');
  assert.equal(one.left, 1);
  assert.equal(sessions.open('one'), one);
  assert.deepEqual(made, ['one', 'two']);
});

test('sessions are not kept without end, but one that still sends is', () => {
  const { made, sessions } = fakeSessions();
  sessions.open('sending').connection = { status: 'reconnecting' };
  for (let i = 0; i < 30; i += 1) {
    sessions.open(`s${i}`);
  }

  sessions.open('sending');
  sessions.open('s0');
  assert.equal(made.filter((id) => id === 'sending').length, 1);
  assert.equal(made.filter((id) => id === 's0').length, 2);
});

test('a deleted session is forgotten and disconnected', () => {
  const { sessions } = fakeSessions();
  const one = sessions.open('one');
  sessions.forget('one');
  assert.equal(one.disconnected, 1);
  assert.equal(sessions.current, null);
  assert.notEqual(sessions.open('one'), one);
});
