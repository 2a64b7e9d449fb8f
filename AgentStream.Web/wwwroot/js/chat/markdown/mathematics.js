import { bareAddressAt, targetOf } from './inlines/links.js';
import { closerOf } from './inlines/code-span.js';
import { closesFence, fenceOf } from './lines.js';

/** @import { Node } from './tree.js' */

/**
 * Mathematics in a text: `\(…\)`, `\[…\]`, `$$…$$`, environments, and `$…$` where it can be nothing else.
 * Its signs mean something else in Markdown, so each piece gives way to one private character while the text is read,
 * and is put back as it was written. The server does the same (`Mathematics.cs`).
 */

const INTERESTING = /\n|\\|\$+|`+|\]\(|(?<![\w/])(?:https?:\/\/|mailto:|www\.)/gi;
const CONTAINERS = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+(?:>[ \t]?)*)*/;
const BLANK_LINE = /\n[ \t>]*(?=\n)/g;
const LINE_END = /[ \t]*(?=\n|$)/y;
const WORD = /(?<![\\A-Za-z])[A-Za-z]{3,}/;
const LONG_WORD = /(?<![\\A-Za-z])[A-Za-z]{4,}/;
const FIRST_PRIVATE = 0xe000;
const LAST_PRIVATE = 0xf8ff;

/** A text whose mathematics is masked. @typedef {{ text: string, written: Map<string, string> }} Masked */

/**
 * @param {string} source
 * @param {boolean} [open] the text may go on: what is begun and not ended is mathematics to its end
 * @returns {Masked}
 */
export function mask(source, open = false) {
  const written = new Map();
  if (!/[\\$]/.test(source)) {
    return { text: source, written };
  }

  let text = '';
  let from = 0;
  let code = FIRST_PRIVATE;
  for (const { start, end } of piecesOf(source, open)) {
    while (source.includes(String.fromCharCode(code))) {
      code += 1;
    }

    if (code > LAST_PRIVATE) {
      break;
    }

    const sign = String.fromCharCode(code);
    code += 1;
    written.set(sign, withoutContainers(source, start, end));
    text += source.slice(from, start) + sign;
    from = end;
  }

  return { text: text + source.slice(from), written };
}

/** @param {string} source @returns {boolean} whether it ends within mathematics, whose end may still come */
export function endsWithin(source) {
  return /[\\$]/.test(source) && piecesOf(source, true).at(-1)?.isOpen === true;
}

/** @param {Node[]} nodes @param {Map<string, string>} written @returns {Node[]} with what was masked as it was written */
export function unmask(nodes, written) {
  return written.size === 0 ? nodes : nodes.map((node) => restored(node, written));
}

function restored(node, written) {
  if (typeof node === 'string') {
    return asWritten(node, written);
  }

  const a = node.a && Object.fromEntries(Object.entries(node.a).map(([name, value]) => [name, asWritten(value, written)]));
  return { ...node, ...(a ? { a } : {}), ...(node.c ? { c: unmask(node.c, written) } : {}) };
}

function asWritten(value, written) {
  return typeof value === 'string' ? value.replace(/[\ue000-\uf8ff]/g, (sign) => written.get(sign) ?? sign) : value;
}

function piecesOf(source, open) {
  return new Pieces(source, open).find();
}

/** The pieces of mathematics in a text, found in one pass: what was looked for in vain is not looked for again. */
class Pieces {
  #source;
  #open;
  #lineStart = 0;
  /** Where the line's own text begins, after the marks of quotes and items. */
  #textStart = 0;
  #paragraphEnd = -1;
  #notThere = new Set();

  constructor(source, open) {
    this.#source = source;
    this.#open = open;
  }

  /** @returns {{ start: number, end: number, isOpen: boolean }[]} */
  find() {
    const pieces = [];
    INTERESTING.lastIndex = this.#afterFence();
    for (let sign = INTERESTING.exec(this.#source); sign; sign = INTERESTING.exec(this.#source)) {
      const { index: start, 0: text } = sign;
      const piece = this.#pieceAt(start, text);
      if (piece) {
        pieces.push({ start, ...piece });
      }

      INTERESTING.lastIndex = piece?.end ?? this.#afterOther(start, text);
    }

    return pieces;
  }

  #pieceAt(at, text) {
    if (text === '\\') {
      const follows = this.#source[at + 1];
      const environment = /^\\begin\{([a-zA-Z]+\*?)\}/.exec(this.#source.slice(at, at + 40))?.[1];
      return environment ? this.#pieceTo(at, `\\begin{${environment}}`, `\\end{${environment}}`)
        : follows === '(' ? this.#pieceTo(at, '\\(', '\\)')
          : follows === '[' ? this.#pieceTo(at, '\\[', '\\]') : null;
    }

    return text === '$$' ? this.#pieceTo(at, text, text) : text === '$' ? this.#dollars(at) : null;
  }

  // Within a paragraph, or over empty lines where the first mark has a line of its own.
  #pieceTo(at, opener, closer) {
    const limit = this.#isAlone(at, opener) ? this.#source.length : this.#endOfParagraph(at);
    const question = `${closer}${limit}`;
    if (this.#notThere.has(question)) {
      return this.#toTheEnd(limit);
    }

    let depth = 0;
    for (let from = at + opener.length; from < limit; from += this.#source[from] === '\\' ? 2 : 1) {
      if (opener[1] === 'b' && this.#source.startsWith(opener, from)) {
        depth += 1;
      } else if (this.#source.startsWith(closer, from)) {
        if (depth === 0) {
          return { end: from + closer.length, isOpen: false };
        }

        depth -= 1;
      }
    }

    this.#notThere.add(question);
    return this.#toTheEnd(limit);
  }

  #toTheEnd(limit) {
    return this.#open && limit === this.#source.length ? { end: limit, isOpen: true } : null;
  }

  // Two of them may be two prices: only what holds a sign of mathematics, and stands as mathematics does.
  #dollars(at) {
    if (/[\w$]/.test(this.#source[at - 1] ?? '') || /[\s$]/.test(this.#source[at + 1] ?? ' ')) {
      return null;
    }

    const limit = this.#endOfParagraph(at);
    for (let from = at + 1; from < limit; from += this.#source[from] === '\\' ? 2 : 1) {
      if (this.#source[from] === '$') {
        const inner = this.#source.slice(at + 1, from);
        const stands = !/\s$/.test(inner) && !/[\w$]/.test(this.#source[from + 1] ?? '');
        return stands && isCertain(inner) ? { end: from + 1, isOpen: false } : null;
      }
    }

    const rest = limit === this.#source.length ? this.#source.slice(at + 1) : '';
    return isCertain(rest) && !rest.includes('\n') && !LONG_WORD.test(rest) ? this.#toTheEnd(limit) : null;
  }

  #isAlone(at, opener) {
    LINE_END.lastIndex = at + opener.length;
    return at === this.#textStart && (opener[1] === 'b' || LINE_END.test(this.#source));
  }

  #endOfParagraph(at) {
    if (this.#paragraphEnd < at) {
      BLANK_LINE.lastIndex = at;
      this.#paragraphEnd = BLANK_LINE.exec(this.#source)?.index ?? this.#source.length;
    }

    return this.#paragraphEnd;
  }

  #afterOther(at, text) {
    if (text === '\n') {
      this.#lineStart = at + 1;
      return this.#afterFence();
    }

    if (text === '\\') {
      return this.#source[at + 1] === '\n' ? at + 1 : at + 2;
    }

    if (text[0] === '`') {
      return this.#afterCode(at, text);
    }

    if (text === '](') {
      const target = targetOf(this.#source, at + 2);
      return target?.end > 0 ? target.end : at + 2;
    }

    return at + (text[0] === '$' ? text : bareAddressAt(this.#source, at)?.found ?? text).length;
  }

  #afterCode(at, ticks) {
    const limit = this.#endOfParagraph(at);
    const question = `${ticks}${limit}`;
    const end = this.#notThere.has(question) ? -1 : closerOf(this.#source, at + ticks.length, ticks.length);
    if (end >= 0 && end < limit) {
      return end + ticks.length;
    }

    this.#notThere.add(question);
    return this.#open && limit === this.#source.length ? limit : at + ticks.length;
  }

  // A fence at the beginning of this line is code, as far as it goes.
  #afterFence() {
    const first = lineFrom(this.#source, this.#lineStart);
    const prefix = CONTAINERS.exec(first)[0].length;
    this.#textStart = this.#lineStart + prefix;
    const fence = fenceOf(first.slice(prefix));
    if (!fence) {
      return this.#lineStart;
    }

    let line = first;
    do {
      this.#lineStart += line.length + 1;
      line = lineFrom(this.#source, this.#lineStart);
    } while (this.#lineStart < this.#source.length && !closesFence(line.replace(/^[ \t>]*/, ''), fence.mark));

    return Math.min(this.#lineStart + line.length, this.#source.length);
  }
}

function isCertain(inner) {
  return /\\\S|[_^]|\]\(/.test(inner) || (/[*~<&]/.test(inner) && !WORD.test(inner));
}

function lineFrom(source, start) {
  const end = source.indexOf('\n', start);
  return source.slice(start, end < 0 ? source.length : end);
}

// What stands before each line of a quote or of a list is theirs.
function withoutContainers(source, start, end) {
  const [first, ...rest] = source.slice(start, end).split('\n');
  if (rest.length === 0) {
    return first;
  }

  const [prefix] = CONTAINERS.exec(lineFrom(source, source.lastIndexOf('\n', start) + 1));
  return [first, ...rest.map((line) => withoutLead(line, prefix))].join('\n');
}

function withoutLead(line, prefix) {
  let at = 0;
  while (at < prefix.length && (prefix[at] === '>' ? line[at] === '>' : line[at] === ' ' || line[at] === '\t')) {
    at += 1;
  }

  return line.slice(at);
}
