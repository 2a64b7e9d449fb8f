/** Which addresses a text may lead to: http, https and mail, written plainly. Everything else stays text. */

const ALLOWED = new Set(['http:', 'https:', 'mailto:']);
// Controls, white space, and what turns the direction of text around.
const ODD = /[\u0000-\u0020\u007f-\u00a0\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\\]/u;
const LONGEST = 2_000;
// What looks like a host and is the name of a file, or of a project.
const FILES = /\.(?:cs|css|go|html?|java|jsx?|json|md|mjs|pdf|py|rs|sh|sql|toml|tsx?|txt|xml|ya?ml)$/;

/** @param {unknown} text @returns {string | null} the address as the browser will use it, or null */
export function safeAddress(text) {
  if (typeof text !== 'string' || text.length > LONGEST || ODD.test(text) || !/^(?:https?:\/\/|mailto:)/i.test(text)) {
    return null;
  }

  try {
    const address = new URL(text);
    // A name before an @ makes an address look like another one's.
    return ALLOWED.has(address.protocol) && address.username === '' && address.password === '' ? address.href : null;
  } catch {
    return null;
  }
}

/**
 * Where a link leads, if its text says that it leads elsewhere.
 * @param {string} shown the link's text
 * @param {string} href a safe address
 * @returns {string | null} the host that it really leads to
 */
export function honestHost(shown, href) {
  const address = new URL(href);
  const real = address.host || address.pathname.split('@').at(-1);
  const named = /(?:^|[^a-z0-9.-])((?:[a-z0-9-]+\.)+[a-z]{2,})(?![a-z0-9-])/i.exec(shown)?.[1]?.toLowerCase();
  if (!named || FILES.test(named)) {
    return null;
  }

  const plain = (host) => host.toLowerCase().replace(/^www\./, '').replace(/:\d+$/, '');
  return plain(real) === plain(named) || plain(real).endsWith(`.${plain(named)}`) ? null : real;
}
