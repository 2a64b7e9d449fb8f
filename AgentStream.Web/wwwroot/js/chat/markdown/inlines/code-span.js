/** @import { Node } from '../tree.js' */

/** Code within a text, between ticks. */

/** @param {string} text between the ticks @returns {Node} */
export function codeNode(text) {
  const oneLine = text.replaceAll('\n', ' ');
  const padded = oneLine.length > 2 && oneLine.startsWith(' ') && oneLine.endsWith(' ') && oneLine.trim() !== '';
  return { t: 'code', c: [padded ? oneLine.slice(1, -1) : oneLine] };
}

/** @param {string} text @param {number} from @param {number} ticks how many begin it @returns {number} where as many end it; -1: nowhere */
export function closerOf(text, from, ticks) {
  const mark = '`'.repeat(ticks);
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at)) {
    let end = at;
    while (text[end] === '`') {
      end += 1;
    }

    if (end - at === ticks) {
      return at;
    }

    at = end;
  }

  return -1;
}
