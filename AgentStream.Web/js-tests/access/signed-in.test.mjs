import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { SignedIn } from '../../wwwroot/js/chat/access/signed-in.js';

let asked;
let status;

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

function account(knownBy) {
  return { dataset: { access: 'cookie', person: 'p1', knownBy }, elements: { namedItem: () => ({ value: 'f1' }) } };
}

async function pass(ms) {
  mock.timers.tick(ms);
  await settled();
}

beforeEach(() => {
  asked = [];
  status = 200;
  const link = {};
  globalThis.document = { baseURI: 'http://page/', hidden: false, getElementById: () => ({ querySelector: () => link, hidden: true }) };
  globalThis.location = { pathname: '/chat/s1' };
  globalThis.fetch = async (address, { method, headers }) => {
    asked.push(`${method} ${address} ${headers.RequestVerificationToken}`);
    return { ok: status === 200, status };
  };
  mock.timers.enable({ apis: ['setTimeout'] });
});

afterEach(() => mock.timers.reset());

test('who is known by a proxy is asked about through it every two seconds, while somebody looks', async () => {
  new SignedIn(account('proxy'), null);
  await pass(2_000);
  await pass(2_000);
  assert.deepEqual(asked, ['POST http://page/ticket f1', 'POST http://page/ticket f1']);

  globalThis.document.hidden = true;
  await pass(2_000);
  assert.equal(asked.length, 2);
  globalThis.document.hidden = false;
  await pass(2_000);
  assert.equal(asked.length, 3);
});

test('a proxy that does not answer is asked again; one that knows the person no more is not', async () => {
  new SignedIn(account('proxy'), null);
  const fetch = globalThis.fetch;
  globalThis.fetch = async () => { throw new TypeError('no network'); };
  await pass(2_000);
  globalThis.fetch = fetch;
  status = 401;
  await pass(2_000);
  await pass(2_000);
  assert.equal(asked.length, 1);
});

test('who has signed in here is not asked about', async () => {
  new SignedIn(account('sign-in'), null);
  await pass(10_000);
  assert.deepEqual(asked, []);
});
