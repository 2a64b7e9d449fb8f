/** Chinese, Japanese and Korean, which put no space where other scripts do: around emphasis, and after an address. */

// As the server's parser has them; gaps that nobody has given a character to are closed.
const CJK = new RegExp('[\\u1100-\\u11ff\\u20a9\\u2329\\u232a\\u2630-\\u2637\\u268a-\\u268f\\u2e80-\\u303e\\u3041-\\ua4c6\\ua960-\\ua97c'
  + '\\uac00-\\ud7fb\\uf900-\\ufaff\\ufe10-\\ufe19\\ufe30-\\ufe6b\\uff01-\\uffee\\u{16fe0}-\\u{18df2}\\u{1aff0}-\\u{1b2fb}\\u{1d300}-\\u{1d376}'
  + '\\u{1f200}-\\u{1f265}\\u{20000}-\\u{3fffd}]', 'u');

/** No address has them, and sentences do; for a character class. The middle dot of Japanese is left out: titles in addresses have it. */
export const SENTENCE_MARKS = '\\u2014\\u201c-\\u201f\\u2026\\u3001-\\u3003\\u3008-\\u3011\\u3014-\\u301f\\ufe10-\\ufe19\\ufe30-\\ufe6b'
  + '\\uff01-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff64';

/** @param {string} text @returns {boolean} whether a character of these scripts is in it */
export const isCjk = (text) => CJK.test(text);
