import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteBlocks } from '../../wwwroot/js/chat/markdown/remote.js';
import { FakeClock } from '../../../clients/js/tests/fakes.mjs';

test('blocks are asked for in batches, one at a time, each once; without an answer the page manages', async () => {
  const clock = new FakeClock();
  const asked = [];
  let fail = false;
  const remote = new RemoteBlocks({
    clock,
    post: async (blocks) => {
      asked.push(blocks);
      if (fail) {
        throw new Error('away');
      }

      return { blocks: blocks.map((source) => (source === 'bad' ? [{ t: 'script', c: [] }] : [{ t: 'p', c: [source] }])) };
    },
  });
  const got = [];
  const warn = console.warn;
  console.warn = () => {};
  try {
    ['**a**', '**b**', '**a**', 'bad'].forEach((source) => remote.ask(source, (nodes) => got.push(nodes?.[0].c[0] ?? null)));
    clock.advance(100);
    await new Promise(setImmediate);
    assert.deepEqual(asked, [['**a**', '**b**', 'bad']]);
    assert.deepEqual(got, ['**a**', '**a**', '**b**', null]);
    remote.ask('**a**', (nodes) => got.push(nodes[0].c[0]));
    assert.equal(got.length, 5);
    assert.equal(asked.length, 1);
    fail = true;
    remote.ask('**c**', (nodes) => got.push(nodes));
    clock.advance(100);
    await new Promise(setImmediate);
    remote.ask('**d**', (nodes) => got.push(nodes));
    assert.deepEqual(got.slice(5), [null, null]);
    assert.equal(asked.length, 2);
    assert.ok(!remote.isWorthAsking('Just words, and more.'));
    assert.ok(remote.isWorthAsking('with **marks**'));
  } finally {
    console.warn = warn;
  }
});
