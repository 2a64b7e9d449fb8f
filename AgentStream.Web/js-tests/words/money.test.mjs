import assert from 'node:assert/strict';
import test from 'node:test';
import { money } from '../../wwwroot/js/chat/words/money.js';

const plain = (text) => text.replaceAll('\u00a0', ' ');

test('money: in the language of the person', () => {
  assert.equal(money(1234.5, { currency: 'USD', languages: ['en-US'] }), '$1,234.50');
  assert.equal(plain(money(1234.5, { currency: 'EUR', languages: ['de-DE'] })), '1.234,50 €');
});

test('money: less than a cent says how much less', () => {
  assert.equal(money(0.0042, { currency: 'USD', languages: ['en-US'] }), '$0.0042');
  assert.equal(money(0.00001, { currency: 'USD', languages: ['en-US'] }), '< $0.0001');
});

test('money: nothing where there is no price', () => {
  for (const cost of [undefined, null, 0, Number.NaN]) {
    assert.equal(money(cost, { currency: 'USD', languages: ['en-US'] }), '');
  }
});
