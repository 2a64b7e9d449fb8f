/** Money as the person's language writes it. Its formats are made when there is money to show: the first takes longer than a frame. */

const CENT = 0.01;
const LEAST = 0.0001;
const formats = new Map();

/**
 * @param {number | undefined} cost
 * @param {{ currency?: string, languages?: readonly string[] }} [how] default: the page's currency, the browser's languages
 * @returns {string} empty where there is no price
 */
export function money(cost, { currency = pageCurrency(), languages = globalThis.navigator?.languages } = {}) {
  if (!(cost > 0)) {
    return '';
  }

  // What costs less than a cent says how much less.
  return cost >= CENT ? format(currency, languages, 2).format(cost)
    : cost >= LEAST ? format(currency, languages, 4).format(cost)
      : `< ${format(currency, languages, 4).format(LEAST)}`;
}

function format(currency, languages, digits) {
  const key = `${currency} ${digits} ${languages}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.NumberFormat(languages, {
      style: 'currency', currency, currencyDisplay: 'narrowSymbol', minimumFractionDigits: digits, maximumFractionDigits: digits,
    });
    formats.set(key, made);
  }

  return made;
}

function pageCurrency() {
  return document.getElementById('chat')?.dataset.currency || 'USD';
}
