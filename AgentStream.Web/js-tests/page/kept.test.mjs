import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drafts } from '../../wwwroot/js/chat/view/composer/drafts.js';
import { KeptMap } from '../../wwwroot/js/chat/browser/kept-map.js';
import { Places } from '../../wwwroot/js/chat/navigation/places.js';
import { FakeStorage } from '../../../clients/js/tests/fakes.mjs';

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

test('without a storage things are kept as long as the page, the latest ones only', () => {
  const kept = new KeptMap(null, 'agentstream.anything', 2);
  ['a', 'b', 'a', 'c'].forEach((key, index) => kept.set(key, index));
  assert.deepEqual(['a', 'b', 'c'].map((key) => kept.get(key)), [2, undefined, 3]);
});

test('what others wrote there is no reason to fail', () => {
  const storage = new FakeStorage();
  for (const written of ['not JSON', '{"a":1}', '[1,["a",true]]']) {
    storage.setItem('agentstream.folds', written);
    assert.equal(new KeptMap(storage, 'agentstream.folds', 5).get('a'), written.startsWith('[') ? true : undefined);
  }
});
