import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEWEST, isIn, versionsOf } from '../../wwwroot/js/chat/state/message-versions.js';

/** Runs in the order of the log: `a`, `b<a` (b takes a's place); their offsets are 10, 20, … */
function runs(...names) {
  return names.map((name, index) => {
    const [runId, replacesRunId] = name.split('<');
    return { runId, replacesRunId, seq: (index + 1) * 10 };
  });
}

const shown = (all, asOf = NEWEST) => all.filter((run) => isIn(run, versionsOf(all), asOf)).map(({ runId }) => runId).join(' ');
const chain = (all, runId) => versionsOf(all).of.get(runId)?.map((run) => run.runId).join(' ');

test('without edits everything is in the conversation, and nothing has versions', () => {
  const all = runs('a', 'b', 'c');
  assert.equal(shown(all), 'a b c');
  assert.equal(chain(all, 'a'), undefined);
});

test('an edit takes its predecessor and all after it along, and both can be looked at', () => {
  const all = runs('a', 'b', 'c', 'b2<b', 'd');
  assert.equal(shown(all), 'a b2 d');
  assert.equal(chain(all, 'b'), 'b b2');
  assert.equal(chain(all, 'b2'), 'b b2');
  assert.equal(chain(all, 'd'), undefined);
  assert.equal(shown(all, versionsOf(all).leftAt.get('b')), 'a b c');
});

test('a message may have many versions, and those that follow it versions of their own', () => {
  const all = runs('a', 'b', 'b2<b', 'a2<a', 'a3<a2', 'e');
  assert.equal(shown(all), 'a3 e');
  assert.equal(chain(all, 'a'), 'a a2 a3');
  const { leftAt } = versionsOf(all);
  assert.equal(shown(all, leftAt.get('a')), 'a b2');
  assert.equal(shown(all, leftAt.get('b')), 'a b');
  assert.equal(shown(all, leftAt.get('b2')), 'a b2');
  assert.equal(shown(all, leftAt.get('a2')), 'a2');
});

test('a version that is not the newest may be the one that was replaced', () => {
  const all = runs('a', 'a2<a', 'b', 'a3<a');
  assert.equal(shown(all), 'a3');
  assert.equal(chain(all, 'a3'), 'a a2 a3');
  assert.equal(shown(all, versionsOf(all).leftAt.get('a2')), 'a2 b');
});

test('what was replaced may be on an earlier page: what followed it there is out all the same', () => {
  const all = runs('b', 'a2<a', 'c');
  all[0].replacedBy = 'a2';
  assert.equal(shown(all), 'a2 c');
  assert.ok(versionsOf(all).cut.has('a2'));
  assert.equal(chain(all, 'a2'), 'a2');
});
