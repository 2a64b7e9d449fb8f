import { safeAddress } from './address.js';
import { closerOf } from './code-span.js';
import { plainText } from './tree.js';

/** @import { Node } from './tree.js' */

/** Links and images as they are written: `[label](address "title")`. */

/** @param {string} text @param {number} from behind the opening bracket @returns {number} where the label ends; -1: nowhere */
export function closingBracket(text, from) {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') {
      at += 1;
    } else if (char === '`') {
      let ticks = 1;
      while (text[at + ticks] === '`') {
        ticks += 1;
      }

      const close = closerOf(text, at + ticks, ticks);
      at = close < 0 ? at + ticks - 1 : close + ticks - 1;
    } else if (char === '[') {
      depth += 1;
    } else if (char === ']') {
      if (depth === 0) {
        return at;
      }

      depth -= 1;
    }
  }

  return -1;
}

/** The address in brackets. @param {string} text @param {number} from @returns {{ address: string, end: number } | { end: -1 } | null} null: it goes on behind the text's end; -1: it is none */
export function targetOf(text, from) {
  const rest = text.slice(from, from + 4_200);
  const found = /^[ \t\n]*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))*))(?:[ \t\n]+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?[ \t\n]*\)/.exec(rest);
  if (found) {
    return { address: (found[1] ?? found[2]).replace(/\\([!-/:-@[-`{-~])/g, '$1'), end: from + found[0].length };
  }

  return /^[ \t]*[^\s()]*(?:\([^\s()]*(?:\)[^\s()]*|$))*(?:[ \t]+(?:"[^"]*"?|'[^']*'?)?[ \t]*)?$/.test(rest) && rest.length < 4_200 ? null : { end: -1 };
}

/** @param {boolean} isImage @param {string | null} address null: it is not written to its end @param {Node[]} children @returns {Node} */
export function linkNode(isImage, address, children) {
  const href = address === null ? null : safeAddress(address);
  if (isImage) {
    return { t: 'image', a: href ? { href } : {}, c: [plainText(children) || 'without a description'] };
  }

  // Where it must not lead anywhere the text is left.
  return href || address === null ? { t: 'a', a: href ? { href } : {}, c: children } : { t: 'span', c: children };
}

/** A link holds no other one. @param {Node[]} nodes @returns {Node[]} */
export function withoutLinks(nodes) {
  return nodes.flatMap((node) => {
    if (typeof node === 'string') {
      return [node];
    }

    return node.t === 'a' ? withoutLinks(node.c) : [{ ...node, ...(node.c ? { c: withoutLinks(node.c) } : {}) }];
  });
}
