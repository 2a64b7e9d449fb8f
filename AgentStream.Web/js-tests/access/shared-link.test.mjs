import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { SharedLink, takeSecret } from '../../wwwroot/js/chat/access/shared-link.js';

const SECRET = `asl_${'x'.repeat(43)}`;

function browserAt(hash, state = null) {
  const browser = {
    location: { hash, pathname: '/agents/shared/s1', search: '' },
    history: {
      state,
      address: null,
      replaceState(given, _, address) {
        this.state = given;
        this.address = address;
      },
    },
  };
  return browser;
}

let asked;

beforeEach(() => {
  asked = [];
  globalThis.document = { baseURI: 'http://page/agents/' };
  globalThis.fetch = async (address, options) => {
    asked.push({ address: String(address), options });
    return { ok: true, status: 200, text: async () => 't1' };
  };
});

test('a secret is taken out of the address and stays with the entry of the history', () => {
  const browser = browserAt(`#${SECRET}`);

  assert.equal(takeSecret(browser), SECRET);
  assert.equal(browser.history.address, '/agents/shared/s1');
  assert.equal(takeSecret(browserAt('', browser.history.state)), SECRET);
});

test('what is no secret is left where it is', () => {
  for (const hash of ['', '#step-r1-1-1', '#asl_short', `#${SECRET}x`, `#ask_${'x'.repeat(43)}`]) {
    const browser = browserAt(hash);
    assert.equal(takeSecret(browser), null);
    assert.equal(browser.history.address, null);
  }
});

test('it asks with the secret in a header, and with nothing of who is signed in', async () => {
  await new SharedLink(SECRET).fetch(new URL('http://api/api/sessions/s1'), { headers: { Accept: 'application/json' } });

  const [{ address, options }] = asked;
  assert.equal(address, 'http://api/api/sessions/s1');
  assert.equal(options.credentials, 'omit');
  assert.deepEqual(options.headers, { Accept: 'application/json', Authorization: `Bearer ${SECRET}` });
});

test('tickets come from the page’s own server, below its path', async () => {
  assert.equal(await new SharedLink(SECRET).ticket(), 't1');

  assert.equal(asked[0].address, 'http://page/agents/ticket');
  assert.equal(asked[0].options.method, 'POST');
});

test('a link that its server does not know any more is over; one that nobody answers for is not', async () => {
  globalThis.fetch = async () => ({ ok: false, status: 401 });
  assert.equal(await new SharedLink(SECRET).isOver(), true);
  globalThis.fetch = async () => { throw new TypeError('no network'); };
  assert.equal(await new SharedLink(SECRET).isOver(), false);
});
