import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor } from '../src/connection/cursor.js';

function cursorAt(lastSeq) {
  const cursor = new Cursor();
  cursor.begin({ epoch: 'e1', last_seq: lastSeq });
  return cursor;
}

test('each entry is taken once and in order, merged ones by their first offset', () => {
  const cursor = cursorAt(4);
  assert.deepEqual([5, 5, 4].map((seq) => cursor.take({ seq })), ['next', 'known', 'known']);
  assert.equal(cursor.take({ seq: 9, first_seq: 6 }), 'next');
  assert.deepEqual(cursor.position, { epoch: 'e1', lastSeq: 9 });
});

test('what is missing or overlaps is a gap; the place is kept after the first, and given up after the second', () => {
  const cursor = cursorAt(4);
  assert.equal(cursor.take({ seq: 6 }), 'gap');
  assert.equal(cursor.position.lastSeq, 4);
  assert.equal(cursor.take({ seq: 7, first_seq: 4 }), 'gap');
  assert.equal(cursor.position, null);
  assert.equal(cursor.take({ seq: 5 }), 'gap');
});

test('where a connection goes on after it, it stands in the epoch that the server names', () => {
  const cursor = cursorAt(4);
  cursor.resume({ epoch: 'e2' });
  assert.deepEqual(cursor.position, { epoch: 'e2', lastSeq: 4 });
  const nowhere = new Cursor();
  nowhere.resume({ epoch: 'e2' });
  assert.equal(nowhere.position, null);
});

test('it lacks what goes further, and what is of another life of the log', () => {
  const cursor = cursorAt(4);
  assert.equal(cursor.lacks({ epoch: 'e1', last_seq: 4 }), false);
  assert.equal(cursor.lacks({ epoch: 'e1', last_seq: 5 }), true);
  assert.equal(cursor.lacks({ epoch: 'e2', last_seq: 1 }), true);
  assert.equal(new Cursor().lacks({ epoch: 'e1', last_seq: 5 }), false);
});
