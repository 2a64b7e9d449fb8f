import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionWords, readArguments, secondsLeft, timeLeftAnnouncement, timeLeftWords } from '../wwwroot/js/chat/approvals.js';
import { ConnectionTrace } from '../wwwroot/js/chat/connection-trace.js';
import { connectionAnnouncement, connectionWords } from '../wwwroot/js/chat/connection-words.js';
import { Drafts } from '../wwwroot/js/chat/drafts.js';
import { OpenSessions } from '../wwwroot/js/chat/open-sessions.js';
import { Places } from '../wwwroot/js/chat/places.js';
import { Router, sessionOf } from '../wwwroot/js/chat/router.js';
import { readOptions } from '../wwwroot/js/chat/run-options.js';
import { SHORTCUTS, shortcutOf } from '../wwwroot/js/chat/shortcuts.js';
import { FakeClock, FakeStorage } from './fakes.mjs';

/** The part of a window that a router uses: its history can be gone back in. */
function fakeWindow(path) {
  const listeners = [];
  const stack = [path];
  const states = [null];
  let index = 0;
  const window = {
    document: { baseURI: 'http://host/' },
    location: { get pathname() { return new URL(stack[index], 'http://host/').pathname; } },
    history: {
      pushState: (state, _, url) => { stack.splice(index + 1); stack.push(url); index += 1; states[index] = state; },
      replaceState: (state, _, url) => { stack[index] = url ?? stack[index]; states[index] = state; },
      get state() { return states[index]; },
    },
    addEventListener: (_, listener) => listeners.push(listener),
    go(by) {
      index += by;
      listeners.forEach((listener) => listener());
    },
    get length() { return stack.length; },
  };
  return window;
}

test('an address names a session, or none', () => {
  assert.equal(sessionOf('/chat/my_session-1'), 'my_session-1');
  assert.equal(sessionOf('/base/chat/abc'), 'abc');
  assert.equal(sessionOf('/'), null);
  assert.equal(sessionOf('/chat/'), null);
  assert.equal(sessionOf('/chat/a%20b'), null);
});

test('an address without a session gets a new one, and a refresh comes back to it', () => {
  const window = fakeWindow('/');
  const opened = [];
  new Router({ window, onOpen: (id) => opened.push(id) }).start();
  new Router({ window, onOpen: (id) => opened.push(id) }).start();
  assert.equal(opened[0], opened[1]);
  assert.equal(window.length, 1);
});

test('back and forward lead through the sessions that were open', () => {
  const window = fakeWindow('/chat/one');
  const opened = [];
  const router = new Router({ window, onOpen: (id) => opened.push(id) });
  router.start();
  router.open('two');
  router.open('two');
  window.go(-1);
  window.go(1);
  assert.deepEqual(opened, ['one', 'two', 'two', 'one', 'two']);
  assert.equal(window.length, 2);
});

test('each entry of the history has a name that it keeps, and only a session that was just made is new', () => {
  const window = fakeWindow('/');
  const seen = [];
  const router = new Router({ window, onOpen: (_, { isNew }) => seen.push([router.entry, isNew]) });
  router.start();
  router.open('two');
  window.go(-1);
  router.openNew();
  const [[first], [second], [again], [last]] = seen;
  assert.equal(again, first);
  assert.equal(new Set([first, second, last]).size, 3);
  assert.ok(seen.every(([entry]) => typeof entry === 'string'));
  assert.deepEqual(seen.map(([, isNew]) => isNew), [true, false, false, true]);
});

test('where the reader was is kept per entry over a refresh, the latest ones only', () => {
  const storage = new FakeStorage();
  const places = new Places(storage);
  places.set(null, { end: true });
  places.set('a', { end: false, runId: 'r1', seq: 5, top: 80 });
  for (let count = 0; count < 59; count += 1) {
    places.set(`other-${count}`, { end: true });
  }

  assert.deepEqual(new Places(storage).get('a'), { end: false, runId: 'r1', seq: 5, top: 80 });
  places.set('one-more', { end: true });
  assert.equal(new Places(storage).get('a'), undefined);
  storage.setItem('agentstream.places', 'broken');
  assert.equal(new Places(storage).get('one-more'), undefined);
  assert.equal(new Places(null).get(null), undefined);
});

test('what became of a question is said as it was', () => {
  const words = (decision) => decisionWords({ tool_call_id: 'c', ...decision }).words;
  assert.equal(words({ approved: true, by: 'client' }), 'Approved');
  assert.equal(words({ approved: true, by: 'ada', edited: true }), 'Approved by ada, with arguments that were changed');
  assert.equal(words({ approved: false, by: 'client', reason: 'We have milk.' }), 'Refused: We have milk.');
  assert.equal(words({ approved: false, by: 'expiry', expired: true, reason: 'Nobody answered in time.' }), 'Nobody answered in time');
  assert.equal(words({ approved: false, by: 'interrupt', reason: 'The run was cancelled.' }), 'Refused: The run was cancelled.');
});

test('"back" does not lead to a session that was deleted', () => {
  const window = fakeWindow('/chat/one');
  const opened = [];
  const router = new Router({ window, onOpen: (id) => opened.push(id) });
  router.open('gone');
  router.replaceWithNew();
  window.go(-1);
  window.go(1);
  assert.ok(!opened.slice(1).includes('gone'));
});

test('a draft belongs to its session and outlives the page', () => {
  const storage = new FakeStorage();
  new Drafts(storage).write('s1', 'half a tho');
  assert.equal(new Drafts(storage).read('s1'), 'half a tho');
  assert.equal(new Drafts(storage).read('s2'), '');
  new Drafts(storage).write('s1', '  ');
  assert.equal(storage.length, 0);
});

for (const [name, storage] of [['no storage', null], ['a full storage', Object.assign(new FakeStorage(), { full: true })]]) {
  test(`with ${name} drafts last as long as the page`, () => {
    const drafts = new Drafts(storage);
    drafts.write('s1', 'a');
    assert.equal(drafts.read('s1'), 'a');
    drafts.write('s1', '');
    assert.equal(drafts.read('s1'), '');
  });
}

test('no shortcut is a key alone, and each is told from the others', () => {
  const keys = { O: 'o', K: 'k', B: 'b', '↓': 'ArrowDown', '↑': 'ArrowUp', Esc: 'Escape' };
  for (const shortcut of SHORTCUTS) {
    const event = {
      key: keys[shortcut.keys.at(-1)] ?? shortcut.keys.at(-1), ctrlKey: shortcut.keys.includes('Ctrl'), metaKey: false,
      shiftKey: shortcut.keys.includes('Shift'), altKey: shortcut.keys.includes('Alt'), isComposing: false,
    };
    assert.equal(shortcutOf(event), shortcut.name);
    assert.equal(shortcutOf({ ...event, ctrlKey: event.ctrlKey && false, shiftKey: false, altKey: false }), null, shortcut.name);
    assert.equal(shortcutOf({ ...event, isComposing: true }), null);
  }
});

test('options out of their range are left out, so that the agent\'s own hold', () => {
  assert.deepEqual(readOptions({ model: ' gpt ', temperature: '0', iterations: '5' }), { model: 'gpt', temperature: 0, max_iterations: 5 });
  assert.deepEqual(readOptions({ model: ' ', temperature: '2.1', iterations: '1.5' }), {});
  assert.deepEqual(readOptions({ temperature: 'x', iterations: '0' }), {});
  assert.deepEqual(readOptions({}), {});
});

test('an approval says how long there is, and tells it seldom', () => {
  assert.equal(secondsLeft(100, 98_400), 2);
  assert.equal(secondsLeft(100, 200_000), 0);
  assert.equal(secondsLeft(undefined, 1), null);
  assert.deepEqual([null, 0, 59, 61, 7_300].map(timeLeftWords), ['', 'Time is up', '59 s left', '1 min 1 s left', '2 h 1 min left']);
  const told = [];
  for (let seconds = 130; seconds >= 0; seconds -= 1) {
    told.push(timeLeftAnnouncement(seconds + 1, seconds));
  }

  assert.equal(told.filter(Boolean).length, 3);
  assert.equal(timeLeftAnnouncement(null, 5), '');
});

test('edited arguments are sent only where they are an object and another one', () => {
  assert.deepEqual(readArguments('{ "b": 2,\n "a": [1] }', { a: [1], b: 2 }), {});
  assert.deepEqual(readArguments('{"a": 2}', { a: 1 }), { arguments: { a: 2 } });
  assert.deepEqual(readArguments('not { json', 'not { json'), {});
  assert.deepEqual(readArguments('{}', undefined), { arguments: {} });
  assert.match(readArguments('{"a":\n 1,,}', {}).problem, /valid JSON/);
  assert.match(readArguments('[1]', {}).problem, /object/);
  assert.match(readArguments('null', {}).problem, /object/);
});

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

function fakeSessions() {
  const made = [];
  return {
    made,
    sessions: new OpenSessions((sessionId) => {
      const session = { sessionId, connection: { status: 'disconnected' }, left: 0, disconnected: 0, leave() { this.left += 1; }, disconnect() { this.disconnected += 1; } };
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
