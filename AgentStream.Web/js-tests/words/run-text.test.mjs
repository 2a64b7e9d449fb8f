import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, conversationText } from '../../wwwroot/js/chat/words/run-text.js';

const run = (message, steps, more = {}) => ({ message, steps: new Map(steps.map((step, index) => [String(index), step])), ...more });
const answer = (content) => ({ type: 'final_answer', content });

test('a conversation as text has what was said and answered, and of a changed message the newest version', () => {
  const text = conversationText([
    run('first', [{ type: 'thought', content: 'hm' }, answer('**One.**')], { replacedBy: 'r2' }),
    run('second', [answer('**Two.**'), { type: 'final_answer', content: 'of another agent', parentStepId: '0' }]),
    run('third', [], { error: 'It broke.' }),
  ]);
  assert.equal(text, '**You:** second\n\n**Two.**\n\n---\n\n**You:** third\n\nIt broke.');
});

test('an answer that still comes is as far as it is', () => {
  assert.equal(answerOf(run('a', [{ type: 'answer', chunks: ['It ', 'is'] }])), 'It is');
});

test('what a run was told while it was under way is said in it, and not again', () => {
  const text = conversationText([
    run('first', [{ type: 'said', content: 'in euros' }, answer('One.')]), run('in euros', [], { steeredRunId: 'r1' }),
  ]);
  assert.equal(text, '**You:** first\n\n**You:** in euros\n\nOne.');
});
