import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { bundle } from '../../wwwroot/js/chat/saved/bundle.js';
import { dataOf, documentOf } from '../../wwwroot/js/chat/saved/document.js';
import { fileOf } from '../served.mjs';

const of = (files) => bundle('file:///a.js', async (address) => files[new URL(address).pathname.slice(1)]);
const run = (script) => {
  const said = [];
  new Function('say', `'use strict'; ${script}`)((words) => said.push(words));
  return said;
};

test('bundle: what is imported stands first, each once', async () => {
  const script = await of({
    'a.js': "import { b } from './b.js';\nimport { c as see } from './c.js';\nsay(b + see());\n",
    'b.js': "import { c } from './c.js';\nexport const b = `b${c()}`;\n",
    'c.js': "/** @type {import('./nowhere.js').Nothing} */\nexport function c() {\n  return 'c';\n}\nsay('once');\n",
  });
  assert.deepEqual(run(script), ['once', 'bcc']);
});

test('bundle: what comes later is there', async () => {
  const script = await of({ 'a.js': "export const later = () => import('./b.js');\n", 'b.js': "export class B {}\n" });
  assert.match(script, /Promise\.resolve\(\)\.then\(\(\) => module1\)/);
  assert.match(script, /return \{ B \};/);
});

test('bundle: nothing in it ends the element that it stands in', async () => {
  const script = await of({ 'a.js': "say('</script><!--');\n" });
  assert.doesNotMatch(script, /<\/script|<!--/i);
  assert.deepEqual(run(script), ['</script><!--']);
});

test('bundle: what it does not know is said', async () => {
  await assert.rejects(of({ 'a.js': "import all from './b.js';\n" }), /can't be put into a file/);
  await assert.rejects(of({ 'a.js': "import { b } from './b.js';\n", 'b.js': "import { a } from './a.js';\nexport const b = 1;\n" }),
    /imports itself/);
});

test('bundle: of the page that is saved is a script', async () => {
  const script = await bundle(new URL('../../wwwroot/js/chat/saved/main.js', import.meta.url).href,
    (address) => readFile(new URL(fileOf(address)), 'utf8'));
  assert.doesNotThrow(() => new Function(script));
  assert.doesNotMatch(script, /\bfetch\(|WebSocket\(/);
});

test('data: is what it was, and text wherever it stands', () => {
  const session = { text: '</script><script>alert(1)</script><!-- \u2028 & é' };
  const text = dataOf(session);
  assert.doesNotMatch(text, /[<>&\u2028]/);
  assert.deepEqual(JSON.parse(text), session);
});

test('document: lets run what is in it, and asks nobody', async () => {
  const html = await documentOf({ title: '"<b>"', session: {}, script: 'let a;', style: 'a{}', sign: '<svg/>' });
  assert.match(html, /<title>&quot;&lt;b&gt;&quot;<\/title>/);
  assert.match(html, /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-/);
  assert.doesNotMatch(html, /(?:src|href)="(?!data:)/);
});
