import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupByDay } from '../../wwwroot/js/chat/sessions/grouping.js';
import { nextRefreshMs } from '../../wwwroot/js/chat/sessions/refresh-policy.js';
import { SessionList } from '../../wwwroot/js/chat/sessions/session-list.js';
import { FakeClock } from '../../../clients/js/tests/fakes.mjs';

const at = (...date) => new Date(...date).getTime() / 1000;
const session = (id, updatedAt, more = {}) => ({ session_id: id, title: `Title ${id}`, updated_at: updatedAt, busy: false, ...more });

test('sessions are grouped by day, as people call the days', () => {
  const now = new Date(2026, 10, 21, 0, 30).getTime();
  const groups = groupByDay([
    session('a', at(2026, 10, 21, 0, 10)),
    session('b', at(2026, 10, 21, 0, 0)),
    session('c', at(2026, 10, 20, 23, 59)),
    session('d', at(2026, 10, 18, 12)),
    session('e', at(2026, 10, 14, 12)),
    session('f', at(2026, 9, 2, 12)),
    session('g', at(2026, 9, 1, 12)),
    session('h', at(2025, 11, 24, 12)),
  ], now);
  assert.deepEqual(groups.map(({ label, sessions }) => [label, sessions.map(({ session_id: id }) => id).join('')]), [
    ['Today', 'ab'], ['Yesterday', 'c'], ['Wednesday', 'd'], ['November 14', 'e'], ['October 2026', 'fg'], ['December 2025', 'h'],
  ]);
});

test('a clock that is slower than the server\'s makes no day of its own', () => {
  const now = new Date(2026, 10, 21, 23, 59).getTime();
  assert.deepEqual(groupByDay([session('a', now / 1000 + 120)], now).map(({ label }) => label), ['Today']);
});

test('nobody asks while nobody looks, more often while something runs, seldom after failures', () => {
  assert.equal(nextRefreshMs({ visible: false, busyElsewhere: true, failures: 0 }), null);
  const calm = nextRefreshMs({ visible: true, busyElsewhere: false, failures: 0 });
  const busy = nextRefreshMs({ visible: true, busyElsewhere: true, failures: 0 });
  assert.ok(busy < calm);
  assert.ok(nextRefreshMs({ visible: true, busyElsewhere: true, failures: 3 }) > busy);
  assert.ok(nextRefreshMs({ visible: true, busyElsewhere: true, failures: 500 }) <= 120_000);
});

function setUp() {
  const clock = new FakeClock();
  const asked = [];
  const answers = [];
  const api = {
    sessions: async (query) => {
      asked.push(query);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) {
        throw answer;
      }

      return answer ?? { sessions: [] };
    },
    rename: async () => { if (api.broken) { throw new Error('no'); } },
    remove: async () => { if (api.broken) { throw new Error('no'); } },
    broken: false,
  };
  const seen = { visible: true };
  const list = new SessionList({ api, clock, isVisible: () => seen.visible });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    clock,
    asked,
    answers,
    api,
    list,
    seen,
    settle,
    ids: () => list.entries.map(({ session_id: id }) => id),
    passes: async (ms) => { clock.advance(ms); await settle(); },
  };
}

test('the list comes latest first, and what is gone is gone', async () => {
  const { answers, list, ids } = setUp();
  answers.push({ sessions: [session('b', 2), session('a', 1)] }, { sessions: [session('a', 3)] });
  await list.load();
  assert.deepEqual(ids(), ['b', 'a']);
  await list.load();
  assert.deepEqual(ids(), ['a']);
});

test('pages that were loaded stay when the newest is asked for again', async () => {
  const { answers, list, ids } = setUp();
  answers.push({ sessions: [session('c', 3), session('b', 2)], next: 'p2' });
  await list.load();
  answers[0] = { sessions: [session('a', 1)] };
  await list.more();
  assert.deepEqual(ids(), ['c', 'b', 'a']);
  assert.equal(list.hasMore, false);
  answers[0] = { sessions: [session('d', 4), session('c', 3)], next: 'p2' };
  await list.load();
  assert.deepEqual(ids(), ['d', 'c', 'b', 'a'].filter((id) => id !== 'b').toSpliced(2, 0, 'b'));
  assert.equal(list.hasMore, false);
});

test('many changes in a moment are one question', async () => {
  const { asked, list, passes } = setUp();
  await list.load();
  for (let i = 0; i < 20; i += 1) {
    list.poke();
  }

  await passes(2_000);
  assert.equal(asked.length, 2);
});

test('a hidden page asks nothing, and asks again when it is poked back to life', async () => {
  const { asked, list, seen, passes } = setUp();
  await list.load();
  seen.visible = false;
  list.poke();
  await passes(3_600_000);
  assert.equal(asked.length, 1);
  seen.visible = true;
  list.poke();
  await passes(2_000);
  assert.equal(asked.length, 2);
});

test('a run elsewhere shortens the pause, the open session\'s own does not', async () => {
  const { asked, answers, list, passes } = setUp();
  answers.push({ sessions: [session('mine', 2, { busy: true })] });
  list.setCurrent('mine');
  await list.load();
  await passes(10_000);
  assert.equal(asked.length, 1);
  list.setCurrent('other');
  await passes(10_000);
  assert.ok(asked.length >= 2);
});

test('what the page knows itself shows without asking', () => {
  const { asked, list } = setUp();
  list.note('s1', { busy: true, title: 'My question' });
  list.note('s1', { busy: false, title: 'Another message' });
  assert.deepEqual(list.entries.map(({ title, busy }) => [title, busy]), [['My question', false]]);
  assert.equal(asked.length, 0);
});

test('a search asks for its words, and forgets what does not fit', async () => {
  const { asked, answers, list, ids } = setUp();
  answers.push({ sessions: [session('a', 1)] }, { sessions: [session('b', 2)] });
  await list.load();
  await list.search('  needle ');
  assert.equal(asked.at(-1).search, 'needle');
  assert.deepEqual(ids(), ['b']);
  list.note('new', { busy: true, title: 'no such word' });
  assert.deepEqual(ids(), ['b']);
});

test('an answer to an older question is not shown', async () => {
  const { list, api, ids, settle } = setUp();
  const waiting = [];
  api.sessions = () => new Promise((resolve) => waiting.push(resolve));
  list.load();
  list.search('b');
  waiting[1]({ sessions: [session('b', 2)] });
  waiting[0]({ sessions: [session('a', 1)] });
  await settle();
  assert.deepEqual(ids(), ['b']);
});

test('a new title shows at once, and goes back if it was not taken', async () => {
  const { answers, api, list } = setUp();
  answers.push({ sessions: [session('a', 1)] });
  await list.load();
  const renaming = list.rename('a', 'Better');
  assert.equal(list.get('a').title, 'Better');
  assert.equal(await renaming, true);
  api.broken = true;
  assert.equal(await list.rename('a', 'Worse'), false);
  assert.equal(list.get('a').title, 'Better');
});

test('a deleted session does not come back with an answer that was under way, unless it could not be deleted', async () => {
  const { answers, api, list, ids } = setUp();
  answers.push({ sessions: [session('a', 1)] });
  await list.load();
  await list.remove('a');
  await list.load();
  list.note('a', { busy: false });
  assert.deepEqual(ids(), []);

  const other = setUp();
  other.answers.push({ sessions: [session('a', 1)] });
  await other.list.load();
  other.api.broken = true;
  assert.equal(await other.list.remove('a'), false);
  assert.deepEqual(other.ids(), ['a']);
  assert.equal(api.broken, false);
});

test('a list that can\'t be loaded says so, keeps what it has, and tries again', async () => {
  const { asked, answers, list, ids, passes } = setUp();
  answers.push({ sessions: [session('a', 1)] }, new Error('down'), { sessions: [session('a', 1)] });
  await list.load();
  await list.load();
  assert.equal(list.status, 'failed');
  assert.deepEqual(ids(), ['a']);
  await passes(120_000);
  assert.ok(asked.length >= 3);
  assert.equal(list.status, 'ready');
});
