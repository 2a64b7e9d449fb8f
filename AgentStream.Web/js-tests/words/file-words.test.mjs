import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindWords, problemOf, sizeWords } from '../../wwwroot/js/chat/words/file-words.js';

const limits = { max_bytes: 1000, max_session_bytes: 1500, max_per_message: 2 };
const none = { count: 0, bytes: 0 };

test('sizes and kinds are words', () => {
  assert.deepEqual([0, 999, 1000, 12_345, 150_000, 10_485_760].map(sizeWords),
    ['0 bytes', '999 bytes', '1.0 kB', '12.3 kB', '150 kB', '10.5 MB']);
  assert.deepEqual(['plan.pdf', 'a.b.Docx', 'Makefile', 'x.verylong'].map((name) => kindWords({ name })), ['PDF', 'DOCX', 'FILE', 'FILE']);
});

test('what is too large, too many or empty is said before it is sent', () => {
  const file = (size) => ({ name: 'a', size });
  assert.equal(problemOf(file(1000), limits, none), '');
  assert.match(problemOf(file(1001), limits, none), /1\.0 kB are allowed/);
  assert.match(problemOf(file(0), limits, none), /empty/);
  assert.match(problemOf(file(1), limits, { count: 2, bytes: 2 }), /2 files/);
  assert.match(problemOf(file(600), limits, { count: 1, bytes: 1000 }), /1\.5 kB together/);
  assert.match(problemOf(file(1), { ...limits, max_bytes: 0 }, none), /can’t be attached here/);
});
