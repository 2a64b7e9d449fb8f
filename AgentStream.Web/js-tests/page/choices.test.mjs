import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHORTCUTS, shortcutOf } from '../../wwwroot/js/chat/navigation/shortcuts.js';
import { readOptions } from '../../wwwroot/js/chat/view/composer/option-values.js';
import { writtenText } from '../../wwwroot/js/chat/view/composer/written-text.js';

test('no shortcut is a key alone, and each is told from the others', () => {
  const keys = { O: 'o', K: 'k', B: 'b', '↓': 'ArrowDown', '↑': 'ArrowUp', Esc: 'Escape' };
  for (const shortcut of SHORTCUTS) {
    const event = {
      key: keys[shortcut.keys.at(-1)] ?? shortcut.keys.at(-1), ctrlKey: shortcut.keys.includes('Ctrl'), metaKey: false,
      shiftKey: shortcut.keys.includes('Shift'), altKey: shortcut.keys.includes('Alt'), isComposing: false,
    };
    assert.equal(shortcutOf(event), shortcut.name);
    assert.equal(shortcutOf({ ...event, ctrlKey: event.ctrlKey && false, shiftKey: false, altKey: false }), null, shortcut.name);
    assert.equal(shortcutOf({ ...event, isComposing: true }), null);
  }
});

test('options out of their range are left out, so that the agent\'s own hold', () => {
  assert.deepEqual(readOptions({ model: ' gpt ', temperature: '0', iterations: '5' }), { model: 'gpt', temperature: 0, max_iterations: 5 });
  assert.deepEqual(readOptions({ model: ' ', temperature: '2.1', iterations: '1.5' }), {});
  assert.deepEqual(readOptions({ temperature: 'x', iterations: '0' }), {});
  assert.deepEqual(readOptions({}), {});
});

test('a message keeps what stands before its first line, and loses the empty lines around it', () => {
  assert.equal(writtenText('    return x\n  }\n'), '    return x\n  }');
  assert.equal(writtenText('\n \t\n\tif a:\n\t\tb  \n\n'), '\tif a:\n\t\tb');
  assert.equal(writtenText('  - a\n\n    b'), '  - a\n\n    b');
  assert.equal(writtenText('\u3000全角'), '\u3000全角');
  assert.equal(writtenText('hello '), 'hello');
  assert.equal(writtenText(' \n\t \n'), '');
});
