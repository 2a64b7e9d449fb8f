import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageTitle } from '../../wwwroot/js/chat/view/shell/page-title.js';

function fakeDocument(hidden) {
  const listeners = [];
  globalThis.document = { hidden, title: '', addEventListener: (_, listener) => listeners.push(listener) };
  return () => {
    document.hidden = false;
    listeners.forEach((listener) => listener());
  };
}

test('the title says what goes on, and what ended while nobody looked, until somebody does', () => {
  for (const [status, sign] of [['completed', '✓ '], ['failed', '✕ '], ['cancelled', '']]) {
    const look = fakeDocument(true);
    const title = new PageTitle();
    title.update('A chat', { runId: 'r', status: 'running' }, () => undefined);
    assert.equal(document.title, '● A chat · AgentStream');
    title.update('A chat', { runId: 'r', status: 'waiting' }, () => undefined);
    assert.equal(document.title, '❓ A chat · AgentStream');
    title.update('A chat', null, () => ({ status }));
    assert.equal(document.title, `${sign}A chat · AgentStream`);
    look();
    assert.equal(document.title, 'A chat · AgentStream');
  }
});

test('who looks on needs no sign, and another session has none of this one', () => {
  fakeDocument(false);
  const title = new PageTitle();
  title.update('A chat', { runId: 'r', status: 'running' }, () => undefined);
  title.update('A chat', null, () => ({ status: 'completed' }));
  assert.equal(document.title, 'A chat · AgentStream');

  fakeDocument(true);
  title.update('A chat', { runId: 'r', status: 'running' }, () => undefined);
  title.update('Another', null, () => undefined);
  assert.equal(document.title, 'Another · AgentStream');
});
