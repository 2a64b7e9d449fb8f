import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { renderBlocks } from '../../wwwroot/js/chat/markdown/blocks.js';
import { Shown, visible, whole } from './shown.mjs';

/** What both readings of Markdown must come to: the server's is held to the same file (AgentStream.Tests/Web/MarkdownReadingTests.cs). */
const READINGS = JSON.parse(readFileSync(new URL('readings.json', import.meta.url), 'utf8'));

// What never ends looked like mathematics, or like emphasis, until it did not; and a bar parts cells until it is known to be mathematics.
const MAY_FLASH = /no end|\\\[ a|HOME|\\\\\(|<br>here|\| \$\||^\*\*a:|^\*\*Note|^foo|^a\*|gone\.~|\$5|`\\|^```/;

const plain = (nodes) => JSON.stringify(nodes);

for (const [kind, readings] of Object.entries(READINGS)) {
  test(`${kind}: each text is read as it is meant`, () => {
    for (const { source, tree } of readings) {
      assert.equal(plain(renderBlocks(source)), plain(tree), source);
    }
  });

  test(`${kind}: in any pieces it comes to the same`, () => {
    for (const { source, tree } of readings) {
      for (const size of [1, 2, 3, 7, source.length]) {
        const shown = new Shown();
        for (let at = 0; at < source.length; at += size) {
          shown.push(source.slice(at, at + size));
        }

        assert.equal(plain(withoutEmptyLang(shown.end().nodes)), plain(tree), `${source} in pieces of ${size}`);
      }
    }
  });

  test(`${kind}: while it streams, what is shown is the beginning of what will be`, () => {
    for (const { source } of readings.filter((reading) => !MAY_FLASH.test(reading.source))) {
      const final = visible(whole(source));
      const shown = new Shown();
      for (const char of source) {
        const now = visible(shown.push(char).nodes);
        assert.ok(final.startsWith(now), `${source}: ${JSON.stringify(now)} is no beginning of ${JSON.stringify(final)}`);
      }
    }
  });
}

// A fence that streams in says at once that it has no language.
function withoutEmptyLang(nodes) {
  return nodes.map((node) => (node.t === 'pre' && node.a.lang === '' ? { t: 'pre', a: { text: node.a.text } } : node));
}
