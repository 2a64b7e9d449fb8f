const BARE_ADDRESS = /(?:https?:\/\/|mailto:)[^\s<>"`]+/iy;

/**
 * An address that stands in a text without any marks.
 * @param {string} text @param {number} at
 * @returns {{ found: string, address: string } | null} all that could belong to it, and without the punctuation behind it; null: there is none
 */
export function bareAddressAt(text, at) {
  if (at > 0 && /[\w/]/.test(text[at - 1])) {
    return null;
  }

  BARE_ADDRESS.lastIndex = at;
  const found = BARE_ADDRESS.exec(text)?.[0];
  return found === undefined ? null : { found, address: withoutEnd(found) };
}

function withoutEnd(address) {
  let text = address.replace(/[?!.,:;*_~'\])}]+$/, (end) => {
    // A bracket that was opened within the address belongs to it.
    const inside = address.slice(0, address.length - end.length);
    return end.startsWith(')') && count(inside, '(') > count(inside, ')') ? ')' : '';
  });
  while (text.endsWith(')') && count(text, ')') > count(text, '(')) {
    text = text.slice(0, -1);
  }

  return text;
}

function count(text, char) {
  return text.split(char).length - 1;
}
