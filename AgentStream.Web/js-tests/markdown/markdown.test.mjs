import assert from 'node:assert/strict';
import { test } from 'node:test';
import { honestHost, safeAddress } from '../../wwwroot/js/chat/markdown/inlines/address.js';
import { highlightLine, knownLanguage } from '../../wwwroot/js/chat/markdown/highlight.js';
import { KINDS } from '../../wwwroot/js/chat/markdown/tree.js';
import { Shown, textOf, visible, whole } from './shown.mjs';

const every = (nodes, check) => nodes.forEach((node) => {
  check(node);
  every(node.c ?? [], check);
});

const DOCUMENTS = {
  prose: 'Hello **bold world** and *soft* and ***both***, `code` and ~~gone~~.\n\nA second one.',
  headings: '# One\n\nText\n## Two ##\nMore\n\nThree\n=====\n\nFour\n---\nend',
  lists: '- one\n- two **b**\n  - nested `x`\n  - more\n\n1. first\n2. second\n   text of it\n10. tenth\n\n* star\n* star two',
  loose: '- one\n\n  para in one\n\n- two\n\nafter',
  tasks: '- [ ] open\n- [x] done\n',
  code: 'Look:\n\n```csharp\nvar x = "**no**";\n// end\n```\n\nafter `a*b*c` it\n',
  codeInList: '1. Do\n\n   ```sh\n   ls *\n   ```\n\n2. Then\n',
  tildes: '~~~\n```\n~~~\nok',
  table: '| Name | Value |\n|:-----|------:|\n| a | **1** |\n| b | `2` |\n\nafter',
  links: 'See [the docs](https://example.org/a_(b) "T") and <https://example.org/x> and https://example.org/y. Mail <me@example.org>.',
  quote: '> quoted **text**\n> more\n>\n> - item\n\nout',
  rule: 'a\n\n---\n\nb\n\n***\n\nc',
  escapes: 'not \\*emphasis\\* and a\\_b &amp; &lt;tag&gt; &#33;',
  image: 'Here ![a cat](https://example.org/cat.png) sits',
  breaks: 'one  \ntwo\\\nthree',
  snake: 'call some_snake_case_name and 2 * 3 * 4 = 24',
  nestedEmphasis: '**bold *and soft* again** and _so __deep__ it is_',
};

test('read in any pieces, a document comes to the same', () => {
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    const expected = whole(text);
    for (const size of [1, 2, 3, 7]) {
      const shown = new Shown();
      for (let at = 0; at < text.length; at += size) {
        shown.push(text.slice(at, at + size));
      }

      assert.deepEqual(shown.end().nodes, expected, `${name} in pieces of ${size}`);
    }
  }
});

test('at every moment the text that is shown is the beginning of the final text: no mark flashes by', () => {
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    const final = visible(whole(text));
    const shown = new Shown();
    for (let at = 0; at < text.length; at += 1) {
      const now = visible(shown.push(text[at]).nodes);
      assert.ok(final.startsWith(now),
        `${name} after ${JSON.stringify(text.slice(0, at + 1))}: ${JSON.stringify(now)} is no beginning of ${JSON.stringify(final)}`);
    }
  }
});

test('what is shown keeps pace: a moment later at most a few characters are held back', () => {
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    if (['links', 'image', 'table', 'escapes'].includes(name)) {
      continue;
    }

    const shown = new Shown();
    for (let at = 0; at < text.length; at += 1) {
      shown.push(text[at]);
      const given = text.slice(0, at + 1).replace(/[^A-Za-z]/g, '').length;
      const there = textOf(shown.nodes).replace(/[^A-Za-z]/g, '').length + (name.includes('code') || name === 'tasks' ? 7 : 0);
      assert.ok(given - there <= 7, `${name} after ${JSON.stringify(text.slice(0, at + 1))}`);
    }
  }
});

test('hostile text comes to nodes of known kinds with safe addresses only, at every prefix', () => {
  const hostile = [
    '[x](javascript:alert(1)) [x](JaVaScRiPt:alert(1)) [x](java\nscript:alert(1)) [x](data:text/html,<script>) [x](vbscript:x) '
      + '[x](//evil.example) [x](/relative)',
    '<javascript:alert(1)> <img src=x onerror=alert(1)> <script>alert(1)</script>',
    '![x](https://evil.example/leak.png) ![y](data:image/png;base64,AAAA) [![z](javascript:1)](javascript:2)',
    '[x](https://user:pass@evil.example) [x](https://google.com\\@evil.example) [x](https://ex\u202eample.org)',
    '[a]: javascript:alert(1)\n\n[a] [b][a]',
    `${'['.repeat(300)}x${']'.repeat(300)}(javascript:1)`,
    `${'> '.repeat(300)}deep`, `${'- '.repeat(300)}deep`, `${'*a '.repeat(200)}`, `${'**'.repeat(300)}`,
    `${'`'.repeat(101)} x ${'`'.repeat(99)}`,
    '| a |\n|---|\n| [x](javascript:1) |',
    '&#0; &#xD800; &#x110000; &constructor; \u0000\u0007',
  ];
  for (const text of hostile) {
    const shown = new Shown();
    for (let at = 0; at < text.length; at += 1) {
      shown.push(text[at]);
      every(shown.nodes, check);
    }

    every(shown.end().nodes, check);
  }

  function check(node) {
    if (typeof node !== 'string') {
      assert.ok(KINDS.has(node.t), node.t);
      assert.ok(node.a?.href === undefined || /^(?:https?:\/\/|mailto:)/.test(node.a.href), node.a?.href);
      assert.ok(!/javascript|data:|@evil/.test(node.a?.href ?? ''));
    }
  }
});

test('random marks in random pieces never break it, and come to the same whole or in pieces', () => {
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const parts = [
    '*', '**', '_', '`', '```', '\n', '\n\n', '- ', '1. ', '# ', '> ', '|', ' | ', '|---|', 'word', ' ', '[', '](', ')', '!', '<', '>',
    '\\', '&', '~~', '    ', 'https://a.b/c', '\t', '=', '---', '\r\n',
  ];
  for (let round = 0; round < 400; round += 1) {
    const pieces = Array.from({ length: 1 + random(40) }, () => parts[random(parts.length)]);
    const shown = new Shown();
    pieces.forEach((piece) => shown.push(piece));
    every(shown.nodes, (node) => assert.ok(typeof node === 'string' || KINDS.has(node.t)));
    assert.deepEqual(shown.end().nodes, whole(pieces.join('')), JSON.stringify(pieces.join('')));
  }
});

test('the open block stays bounded, whatever is written', () => {
  const endless = {
    words: 'word '.repeat(40_000),
    oneLine: 'x'.repeat(200_000),
    list: '- item of a list\n'.repeat(10_000),
    item: `- item\n${'  more of it\n'.repeat(15_000)}`,
    itemWithCode: `- item\n\n  \`\`\`js\n${'  let a = 1;\n'.repeat(15_000)}`,
    table: `| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(15_000)}`,
    quote: '> quoted\n'.repeat(20_000),
    code: `\`\`\`\n${'line\n'.repeat(30_000)}`,
    minified: `\`\`\`json\n${'{"a":1},'.repeat(20_000)}`,
  };
  for (const [name, text] of Object.entries(endless)) {
    const shown = new Shown();
    let longest = 0;
    for (let at = 0; at < text.length; at += 1_000) {
      shown.splitter.push(text.slice(at, at + 1_000));
      longest = Math.max(longest, shown.splitter.tail.length);
    }

    shown.end();
    assert.ok(longest < 32_000, `${name}: ${longest}`);
    const letters = (all) => all.replace(/[^a-z]/gi, '').length;
    assert.ok(letters(textOf(shown.nodes)) >= letters(text) - 'json'.length, `${name} lost text`);
  }
});

test('a table that is cut goes on under its heading', () => {
  const tables = whole(`| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(2_000)}`);
  assert.ok(tables.length > 1);
  assert.ok(tables.every((node) => node.t === 'table' && textOf([node.c[0]]) === 'ab'));
});

test('structure: what each document comes to', () => {
  assert.deepEqual(whole('**a**'), [{ t: 'p', c: [{ t: 'strong', c: ['a'] }] }]);
  assert.deepEqual(whole('1. a\n2. b'), [{ t: 'ol', c: [{ t: 'li', c: ['a'] }, { t: 'li', c: ['b'] }] }]);
  assert.deepEqual(whole('3. a'), [{ t: 'ol', a: { start: 3 }, c: [{ t: 'li', c: ['a'] }] }]);
  assert.deepEqual(whole('```C# title\nx\n```'), [{ t: 'pre', a: { lang: 'c#', text: 'x\n' } }]);
  assert.deepEqual(whole('[a](https://example.org)'), [{ t: 'p', c: [{ t: 'a', a: { href: 'https://example.org/' }, c: ['a'] }] }]);
  assert.deepEqual(whole('- [x] a')[0].c[0].c, [{ t: 'check', a: { checked: true } }, ' a']);
  assert.deepEqual(whole('<b>x</b>'), [{ t: 'p', c: ['<b>x</b>'] }]);
  assert.equal(whole('| a |\n|---|\n| 1 |')[0].t, 'table');
});

test('addresses: only plain http, https and mail', () => {
  for (const good of ['https://example.org/a?b=c#d', 'http://localhost:8000', 'mailto:a@example.org', 'HTTPS://EXAMPLE.ORG']) {
    assert.ok(safeAddress(good), good);
  }

  for (const bad of [
    'javascript:1', ' https://a.b', 'https://a.b\n', 'https://a@b.c', 'ftp://a.b', 'file:///etc', 'data:text/html,x', '//a.b', '/a', '',
    'https:/a', 'https://', null, {}, 'https://a.b/\u202e', 'blob:https://a.b/x', `https://a.b/${'x'.repeat(3_000)}`,
  ]) {
    assert.equal(safeAddress(bad), null, String(bad));
  }
});

test('a link whose text names another host says where it leads', () => {
  assert.equal(honestHost('www.bank.example', 'https://evil.example/'), 'evil.example');
  assert.equal(honestHost('https://bank.example/login', 'https://evil.example/'), 'evil.example');
  assert.equal(honestHost('bank.example', 'https://www.bank.example/'), null);
  assert.equal(honestHost('the docs', 'https://example.org/'), null);
  assert.equal(honestHost('Node.js', 'https://nodejs.org/'), null);
  assert.equal(honestHost('see README.md', 'https://example.org/'), null);
  assert.equal(honestHost('e.g. this one', 'https://example.org/'), null);
});

test('colours never change the text of code, in any language', () => {
  const lines = [
    'var x = "a \\" b"; // end', "let s = 'it''s", '/* open', 'still */ done', '"""', 'raw "quotes" here', '"""', '# comment',
    '<a href="x">y</a> <!--', '-->', 'x = 0xFF + 1_000.5e3', "fn f<'a>(x: &'a str)", 'SELECT * FROM t -- c', 'key: value # c', '`${a}`',
    '\t \u00e9\u4e2d\ud83d\ude00 @attr $var', '{"a": "b", "c": 1}', 'x'.repeat(2_000), '',
  ];
  for (const language of ['csharp', 'javascript', 'python', 'shell', 'sql', 'json', 'yaml', 'css', 'markup', 'go', 'rust', 'java', 'cpp']) {
    let inside = null;
    for (const line of lines) {
      const result = highlightLine(language, line, inside);
      inside = result.inside;
      assert.equal(result.pieces.map(({ text }) => text).join(''), line, `${language}: ${line}`);
    }
  }

  assert.equal(knownLanguage('constructor'), null);
  assert.equal(knownLanguage('ts'), 'javascript');
  const kinds = highlightLine('csharp', 'return "x"; // y', null).pieces.filter(({ kind }) => kind).map(({ kind, text }) => [kind, text]);
  assert.deepEqual(kinds, [['keyword', 'return'], ['string', '"x"'], ['comment', '// y']]);
});
