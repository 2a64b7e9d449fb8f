/**
 * What Markdown comes to, on the server and here alike: text, and nodes of these kinds.
 * Nothing else gets onto the page, whatever a text or an answer says.
 * @typedef {string | { t: string, a?: Record<string, any>, c?: Node[] }} Node
 * `pre`: `a.lang`, `a.text`; `a`, `image`: `a.href`; `ol`: `a.start`; `th`, `td`: `a.align`; `check`: `a.checked`.
 */
export const KINDS = new Set([
  'p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'hr', 'pre', 'table', 'thead', 'tbody', 'tr', 'th', 'td',
  'code', 'em', 'strong', 'del', 'a', 'br', 'image', 'check', 'span',
]);

/** @param {Node[]} nodes @returns {string} */
export function plainText(nodes) {
  return nodes.map((node) => (typeof node === 'string' ? node : plainText(node.c ?? []))).join('');
}
