import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderBlocks } from '../../wwwroot/js/chat/markdown/blocks.js';
import { Splitter } from '../../wwwroot/js/chat/markdown/splitter.js';
import { reduce } from '../../../clients/js/src/state/reducer.js';
import { initialState } from '../../../clients/js/src/state/conversation-state.js';

const WORDS = [
  'The ', '**quick** ', 'fox ', '`jumps`', ' over ', 'it.', '\n\n', '- item ', 'of it\n', '- more\n\n', '```js\n', 'let a = 1; ', '// b\n',
  '```\n\n',
];
const token = (index) => WORDS[index % WORDS.length];

/** The characters that are read, and read again, while so many tokens come one by one. */
function work(tokens) {
  let read = 0;
  const splitter = new Splitter({
    block: (source) => {
      read += source.length;
      renderBlocks(source);
    },
    codeOpened: () => {},
    code: (text) => { read += text.length; },
    codeClosed: () => {},
  });
  for (let index = 0; index < tokens; index += 1) {
    splitter.push(token(index));
    const { tail } = splitter;
    read += tail.length;
    renderBlocks(tail, true);
  }

  splitter.end();
  return read;
}

test('an answer of twice the length is twice the work, to the character', () => {
  const round = work(WORDS.length);
  assert.equal(work(WORDS.length * 1_000), round * 1_000);
  assert.equal(work(WORDS.length * 2_000), round * 2_000);
});

test('the hundred-thousandth delta touches as little as the second', () => {
  let state = reduce(initialState('s'),
    { type: 'snapshot', data: { session_id: 's', epoch: 'e', last_seq: 0, messages: [], queued_runs: [] } });
  const say = (seq, type, data) => { state = reduce(state, { type, seq, run_id: 'r', timestamp: seq, data }); };
  say(1, 'run_queued', { message: 'hi', message_id: 'm', agent_name: 'a', position: 0 });
  say(2, 'run_started', { agent_name: 'a', model: 'demo', attempt: 1 });
  say(3, 'step_delta', { step_id: 'x', step_type: 'answer', delta: token(0), iteration: 1 });
  const { chunks, pace } = state.runs.get('r').steps.get('x');
  for (let index = 1; index < 100_000; index += 1) {
    say(index + 3, 'step_delta', { step_id: 'x', step_type: 'answer', delta: token(index), iteration: 1 });
    assert.equal(state.changes.length, 1);
  }

  // The very lists of the first delta, added to and never copied.
  assert.equal(state.runs.get('r').steps.get('x').chunks, chunks);
  assert.equal(state.runs.get('r').steps.get('x').pace, pace);
  assert.equal(chunks.length, 100_000);
});
