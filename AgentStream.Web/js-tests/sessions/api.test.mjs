import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { readOnServer } from '../../wwwroot/js/chat/markdown/read-on-server.js';
import { Api } from '../../wwwroot/js/chat/sessions/api.js';

const real = { fetch: globalThis.fetch, timeout: AbortSignal.timeout };
/** @type {{ ms: number, end: () => void }[]} */
let limits = [];

beforeEach(() => {
  limits = [];
  globalThis.document = /** @type {any} */ ({ baseURI: 'http://localhost:7860/' });
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    limits.push({ ms, end: () => controller.abort(new DOMException('Too long.', 'TimeoutError')) });
    return controller.signal;
  };
  // As a proxy without a server does: it accepts, and says nothing until somebody gives up.
  globalThis.fetch = (_, options) => new Promise(
    (__, reject) => options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)));
});

afterEach(() => {
  Object.assign(globalThis, { fetch: real.fetch });
  AbortSignal.timeout = real.timeout;
});

for (const [name, ask] of /** @type {[string, () => Promise<unknown>][]} */ ([
  ['the list of sessions', () => new Api('http://localhost:8000').sessions()],
  ['the agents', () => new Api('http://localhost:8000').agents()],
  ['earlier messages', () => new Api('http://localhost:8000').earlier('s1', 7)],
  ['a new title', () => new Api('http://localhost:8000').rename('s1', 'Title')],
  ['a deletion', () => new Api('http://localhost:8000').remove('s1')],
  ['formatting', () => readOnServer(['text'])],
])) {
  test(`a server that accepts and stays silent: ${name} fails after a limit of the page's own`, async () => {
    const answer = ask();
    assert.equal(limits.length, 1);
    assert.ok(limits[0].ms <= 15_000);
    limits[0].end();
    await assert.rejects(answer, { name: 'TimeoutError' });
  });
}
