const NAMES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', copy: '©', hellip: '…', mdash: '—', ndash: '–' };

/**
 * @param {string} text
 * @returns {{ length: number, decoded: string } | null} the character reference at its beginning
 *   (an unknown name is left as it is); null: there is none
 */
export function entityAt(text) {
  const found = /^&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/i.exec(text);
  if (!found) {
    return null;
  }

  const [all, decimal, hex, name] = found;
  return { length: all.length, decoded: (name ? NAMES[name] : characterOf(decimal ? Number(decimal) : Number.parseInt(hex, 16))) ?? all };
}

function characterOf(code) {
  return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
}
