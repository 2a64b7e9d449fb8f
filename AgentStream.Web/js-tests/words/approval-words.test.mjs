import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionWords, secondsLeft, timeLeftAnnouncement, timeLeftWords } from '../../wwwroot/js/chat/view/approvals/approval-words.js';
import { readArguments } from '../../wwwroot/js/chat/view/approvals/edited-arguments.js';

test('what became of a question is said as it was', () => {
  const words = (decision) => decisionWords({ tool_call_id: 'c', ...decision }).words;
  assert.equal(words({ approved: true, by: 'client' }), 'Approved');
  assert.equal(words({ approved: true, by: 'ada', edited: true }), 'Approved by ada, with arguments that were changed');
  assert.equal(words({ approved: true, by: 'client', client_tool: true }), 'Executed by the program that asked');
  assert.equal(words({ approved: false, by: 'client', reason: 'We have milk.' }), 'Refused: We have milk.');
  assert.equal(words({ approved: false, by: 'expiry', expired: true, reason: 'Nobody answered in time.' }), 'Nobody answered in time');
  assert.equal(words({ approved: false, by: 'interrupt', reason: 'The run was cancelled.' }), 'Refused: The run was cancelled.');
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
