import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import * as client from '../src/index.js';

const types = await readFile(new URL('../src/index.d.ts', import.meta.url), 'utf8');

test('package: its types name what it exports, and nothing else', () => {
  const named = [...types.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(named.sort(), Object.keys(client).sort());
});

test('package: its types name members that are there', () => {
  for (const [, name, body] of types.matchAll(/^export class (\w+) \{([\s\S]*?)^\}/gm)) {
    // Fields are of the object, not of its class.
    const members = [...body.matchAll(/^ {2}(?!constructor|readonly sessionId|position: )(?:readonly )?(\w+)[(:]/gm)];
    assert.ok(members.length > 0);
    for (const [, member] of members) {
      assert.ok(member in client[name].prototype, `${name}.${member}`);
    }
  }
});
