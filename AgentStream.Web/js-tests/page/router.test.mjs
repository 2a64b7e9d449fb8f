import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Router, sessionOf } from '../../wwwroot/js/chat/navigation/router.js';

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
  new Router({ window }).start((id) => opened.push(id));
  new Router({ window }).start((id) => opened.push(id));
  assert.equal(opened[0], opened[1]);
  assert.equal(window.length, 1);
});

test('back and forward lead through the sessions that were open', () => {
  const window = fakeWindow('/chat/one');
  const opened = [];
  const router = new Router({ window });
  router.start((id) => opened.push(id));
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
  const router = new Router({ window });
  const ours = [];
  router.start((_, { isNew, isOurs }) => {
    seen.push([router.entry, isNew]);
    ours.push(isOurs);
  });
  router.open('two');
  window.go(-1);
  router.openNew();
  const [[first], [second], [again], [last]] = seen;
  assert.equal(again, first);
  assert.equal(new Set([first, second, last]).size, 3);
  assert.ok(seen.every(([entry]) => typeof entry === 'string'));
  assert.deepEqual(seen.map(([, isNew]) => isNew), [true, false, false, true]);
  // What was made here is known as such when one comes back to it.
  assert.deepEqual(ours, [true, false, true, true]);
});

test('"back" does not lead to a session that was deleted', () => {
  const window = fakeWindow('/chat/one');
  const opened = [];
  const router = new Router({ window });
  router.start((id) => opened.push(id));
  router.open('gone');
  router.replaceWithNew();
  window.go(-1);
  window.go(1);
  assert.ok(!opened.slice(2).includes('gone'));
});
