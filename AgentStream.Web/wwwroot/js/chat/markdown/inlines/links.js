import { plainText } from '../tree.js';
import { safeAddress } from './address.js';
import { SENTENCE_MARKS } from './cjk.js';
import { closerOf } from './code-span.js';

/** @import { Node } from '../tree.js' */

/** What leads somewhere, as it is written: `[label](address "title")`, images, and addresses without any marks. */

const BARE_ADDRESS = new RegExp(`(?:https?:\\/\\/|mailto:|www\\.)[^\\s<>"\`${SENTENCE_MARKS}]+`, 'iuy');
// A host with its port, right before a word of a script that has no letter in common with it.
const HOST_BEFORE_WORD = new RegExp('^(?:https?:\\/\\/|www\\.)(?:(?:[a-z0-9-]+\\.)+[a-z]{2,}|localhost|[0-9.]+)(?::\\d+)?'
  + '(?=[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Hang}])', 'iu');

/** @param {string} text @param {number} from after the opening bracket @returns {number} where the label ends; -1: nowhere */
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

/**
 * The address in brackets.
 * @param {string} text
 * @param {number} from
 * @returns {{ address: string, end: number } | { end: -1 } | null} null: it goes on after the text's end; -1: it is none
 */
export function targetOf(text, from) {
  const rest = text.slice(from, from + 4_200);
  const found =
    /^[ \t\n]*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))*))(?:[ \t\n]+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?[ \t\n]*\)/
      .exec(rest);
  if (found) {
    return { address: (found[1] ?? found[2]).replace(/\\([!-/:-@[-`{-~])/g, '$1'), end: from + found[0].length };
  }

  return /^[ \t]*[^\s()]*(?:\([^\s()]*(?:\)[^\s()]*|$))*(?:[ \t]+(?:"[^"]*"?|'[^']*'?)?[ \t]*)?$/.test(rest) && rest.length < 4_200
    ? null
    : { end: -1 };
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
  const all = nodes.flatMap((node) => {
    if (typeof node === 'string') {
      return [node];
    }

    return node.t === 'a' ? withoutLinks(node.c) : [{ ...node, ...(node.c ? { c: withoutLinks(node.c) } : {}) }];
  });
  return all.reduce((joined, node) => {
    if (typeof node === 'string' && typeof joined.at(-1) === 'string') {
      joined.push(joined.pop() + node);
    } else {
      joined.push(node);
    }

    return joined;
  }, []);
}

/**
 * An address that stands in a text without any marks.
 * @param {string} text @param {number} at
 * @returns {{ found: string, address: string } | null} all that could belong to it,
 *   and without the punctuation after it; null: there is none
 */
export function bareAddressAt(text, at) {
  if (at > 0 && /[\w/]/.test(text[at - 1])) {
    return null;
  }

  BARE_ADDRESS.lastIndex = at;
  const all = BARE_ADDRESS.exec(text)?.[0];
  const found = all && (HOST_BEFORE_WORD.exec(all)?.[0] ?? all);
  return found === undefined ? null : { found, address: withoutEnd(found) };
}

function withoutEnd(address) {
  let text = address.replace(/(?:[?!.,:;*_~'\])}]|(?![\0-\x7f])\p{P})+$/u, (end) => {
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
