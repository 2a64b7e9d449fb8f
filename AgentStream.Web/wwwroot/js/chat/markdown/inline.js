import { safeAddress } from './address.js';

/** @import { Node } from './tree.js' */

/**
 * The text within a block: emphasis, code, links. It forgives what is not finished: with `open` the text may go on, so a mark that is not closed
 * yet counts already, and one that may still become something is not shown until it is known what it is.
 */

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const WIDE_PUNCTUATION = /[\p{P}\p{S}]/u;
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', copy: '©', hellip: '…', mdash: '—', ndash: '–' };
const BARE_ADDRESS = /(?:https?:\/\/|mailto:)[^\s<>"`]+/iy;
const MAX_DEPTH = 12;

/** @param {string} text @param {boolean} [open] @returns {Node[]} */
export function inline(text, open = false) {
  return new Inline(text, open, 0).parse();
}

class Inline {
  #text;
  #open;
  #depth;
  #at = 0;
  #plain = '';
  /** @type {{ tag: string, mark: string, children: Node[] }[]} */
  #stack = [{ tag: '', mark: '', children: [] }];
  #noCloser = new Set();

  constructor(text, open, depth) {
    this.#text = text;
    this.#open = open;
    this.#depth = depth;
  }

  parse() {
    while (this.#at < this.#text.length) {
      this.#step(this.#text[this.#at]);
    }

    this.#flush();
    while (this.#stack.length > 1) {
      this.#leave();
    }

    return this.#stack[0].children;
  }

  #step(char) {
    switch (char) {
      case '\\': this.#escape(); break;
      case '`': this.#code(); break;
      case '*':
      case '_':
      case '~': this.#emphasis(char); break;
      case '[': this.#link(false); break;
      case '!': this.#image(); break;
      case '<': this.#angle(); break;
      case '&': this.#entity(); break;
      case '\n': this.#lineEnd(); break;
      case 'h':
      case 'H':
      case 'm':
      case 'M': this.#bareAddress(char); break;
      default: this.#write(char); break;
    }
  }

  #write(text, length = text.length) {
    this.#plain += text;
    this.#at += length;
  }

  #flush() {
    if (this.#plain !== '') {
      add(this.#stack.at(-1).children, this.#plain);
      this.#plain = '';
    }
  }

  #push(node, length) {
    this.#flush();
    this.#stack.at(-1).children.push(node);
    this.#at += length;
  }

  #atEnd(length) {
    return this.#open && this.#at + length >= this.#text.length;
  }

  #escape() {
    const next = this.#text[this.#at + 1];
    if (next === undefined) {
      this.#write(this.#open ? '' : '\\', 1);
    } else if (next === '\n') {
      this.#push({ t: 'br' }, 2);
    } else if (PUNCTUATION.test(next)) {
      this.#write(next, 2);
    } else {
      this.#write('\\');
    }
  }

  #run(char) {
    let end = this.#at;
    while (this.#text[end] === char) {
      end += 1;
    }

    return end - this.#at;
  }

  #code() {
    const ticks = this.#run('`');
    if (this.#atEnd(ticks)) {
      this.#at += ticks;
      return;
    }

    const from = this.#at + ticks;
    const to = this.#noCloser.has(ticks) ? -1 : closerOf(this.#text, from, ticks);
    if (to >= 0) {
      this.#push(codeNode(this.#text.slice(from, to)), to + ticks - this.#at);
    } else if (this.#open) {
      // The last ticks may be the first ones of its end.
      this.#push(codeNode(this.#text.slice(from).replace(/`+$/, '')), this.#text.length - this.#at);
    } else {
      this.#noCloser.add(ticks);
      this.#write('`'.repeat(ticks));
    }
  }

  #emphasis(char) {
    const length = this.#run(char);
    const before = this.#text[this.#at - 1] ?? ' ';
    const after = this.#text[this.#at + length] ?? ' ';
    const { opens, closes } = flanks(char, before, after);
    let left = length;
    if (closes || this.#atEnd(length)) {
      left = this.#close(char, left, this.#atEnd(length));
    }

    if (left > 0 && this.#atEnd(length)) {
      left = 0;
    } else if (left > 0 && opens && !(char === '~' && left !== 2)) {
      left = this.#enter(char, left);
    }

    this.#write(char.repeat(left), 0);
    this.#at += length;
  }

  #enter(char, length) {
    let left = length;
    while (left > 0 && this.#stack.length <= MAX_DEPTH) {
      const size = left === 2 || left > 3 ? 2 : 1;
      this.#flush();
      this.#stack.push({ tag: char === '~' ? 'del' : size === 2 ? 'strong' : 'em', mark: char.repeat(size), children: [] });
      left -= size;
    }

    return left;
  }

  // Where the text may go on, these marks may be the first of more: then only the innermost emphasis is ended by them.
  #close(char, length, mayGrow) {
    let left = length;
    while (left > 0) {
      const fits = (at) => this.#stack[at].mark[0] === char && this.#stack[at].mark.length <= left;
      let at = this.#stack.length - 1;
      while (at > 0 && !fits(at) && !mayGrow) {
        at -= 1;
      }

      if (at === 0 || !fits(at)) {
        break;
      }

      this.#flush();
      while (this.#stack.length - 1 > at) {
        this.#leave(true);
      }

      const closed = this.#stack.pop();
      left -= closed.mark.length;
      this.#stack.at(-1).children.push({ t: closed.tag, c: closed.children });
    }

    return left;
  }

  // What was opened and not closed: emphasis where the end may still come, the marks themselves where it will not.
  #leave(passedBy = false) {
    const { tag, mark, children } = this.#stack.pop();
    const parent = this.#stack.at(-1).children;
    if (this.#open && !passedBy) {
      if (children.length > 0) {
        parent.push({ t: tag, c: children });
      }
    } else {
      add(parent, mark);
      children.forEach((child) => add(parent, child));
    }
  }

  #image() {
    if (this.#text[this.#at + 1] === '[') {
      this.#link(true);
    } else {
      this.#write(this.#atEnd(1) ? '' : '!', 1);
    }
  }

  #link(isImage) {
    const start = this.#at + (isImage ? 2 : 1);
    const close = closingBracket(this.#text, start);
    if (close < 0) {
      if (this.#open) {
        this.#write(isImage ? 'Image: ' : '', start - this.#at);
      } else {
        this.#write(this.#text.slice(this.#at, start));
      }

      return;
    }

    const label = this.#text.slice(start, close);
    const following = this.#text[close + 1];
    const target = following === '(' ? targetOf(this.#text, close + 2) : null;
    if (target?.end >= 0) {
      this.#push(linkNode(isImage, target.address, label, this.#inner(label)), target.end - this.#at);
    } else if (this.#open && (following === undefined || (following === '(' && target === null))) {
      this.#push(linkNode(isImage, null, label, this.#inner(label)), this.#text.length - this.#at);
    } else {
      this.#write(this.#text.slice(this.#at, start));
    }
  }

  #inner(label) {
    return this.#depth > MAX_DEPTH ? [label] : withoutLinks(new Inline(label, false, this.#depth + 1).parse());
  }

  #angle() {
    const rest = this.#text.slice(this.#at, this.#at + 2_100);
    const found = /^<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>/i.exec(rest);
    if (found) {
      const address = found[1].includes(':') ? found[1] : `mailto:${found[1]}`;
      const href = safeAddress(address);
      this.#push(href ? { t: 'a', a: { href }, c: [found[1]] } : found[1], found[0].length);
    } else if (this.#open && /^<(?:[\w.+-]{0,64}(?:@[\w.-]*)?|(?:https?|mailto):[^\s<>]*)$/i.test(rest)) {
      this.#write(rest.slice(1), rest.length);
    } else {
      this.#write('<');
    }
  }

  #entity() {
    const rest = this.#text.slice(this.#at, this.#at + 12);
    const found = /^&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/i.exec(rest);
    if (found) {
      const decoded = found[3] ? ENTITIES[found[3]] : characterOf(found[1] ? Number(found[1]) : Number.parseInt(found[2], 16));
      this.#write(decoded ?? found[0], found[0].length);
    } else if (this.#atEnd(rest.length) && /^&#?\w{0,8}$/.test(rest)) {
      this.#at += rest.length;
    } else {
      this.#write('&');
    }
  }

  #lineEnd() {
    if (/ {2,}$/.test(this.#plain)) {
      this.#plain = this.#plain.trimEnd();
      this.#push({ t: 'br' }, 1);
    } else {
      this.#plain = this.#plain.trimEnd();
      this.#write('\n');
    }

    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') {
      this.#at += 1;
    }
  }

  #bareAddress(char) {
    BARE_ADDRESS.lastIndex = this.#at;
    const begins = this.#at === 0 || !/[\w/]/.test(this.#text[this.#at - 1]);
    const found = begins ? BARE_ADDRESS.exec(this.#text)?.[0] : undefined;
    if (!found || this.#stack.some(({ tag }) => tag === 'a')) {
      this.#write(char);
      return;
    }

    const text = withoutEnd(found);
    const growing = this.#open && this.#at + found.length === this.#text.length;
    const href = growing ? null : safeAddress(text);
    if (growing || href) {
      // One that still grows leads nowhere yet.
      this.#push({ t: 'a', a: href ? { href } : {}, c: [text] }, text.length);
    } else {
      this.#write(text);
    }
  }
}

function add(children, child) {
  if (typeof child === 'string' && typeof children.at(-1) === 'string') {
    children[children.length - 1] += child;
  } else if (child !== '') {
    children.push(child);
  }
}

function codeNode(text) {
  const oneLine = text.replaceAll('\n', ' ');
  const padded = oneLine.length > 2 && oneLine.startsWith(' ') && oneLine.endsWith(' ') && oneLine.trim() !== '';
  return { t: 'code', c: [padded ? oneLine.slice(1, -1) : oneLine] };
}

function closerOf(text, from, ticks) {
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

function flanks(char, before, after) {
  const isSpace = (one) => /\s/.test(one);
  const isMark = (one) => WIDE_PUNCTUATION.test(one);
  const left = !isSpace(after) && (!isMark(after) || isSpace(before) || isMark(before));
  const right = !isSpace(before) && (!isMark(before) || isSpace(after) || isMark(after));
  return char === '_'
    ? { opens: left && (!right || isMark(before)), closes: right && (!left || isMark(after)) }
    : { opens: left, closes: right };
}

function closingBracket(text, from) {
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

/** @returns {{ address: string, end: number } | { end: -1 } | null} null: it goes on behind the text's end; -1: it is none */
function targetOf(text, from) {
  const rest = text.slice(from, from + 4_200);
  const found = /^[ \t\n]*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))*))(?:[ \t\n]+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?[ \t\n]*\)/.exec(rest);
  if (found) {
    return { address: (found[1] ?? found[2]).replace(/\\([!-/:-@[-`{-~])/g, '$1'), end: from + found[0].length };
  }

  return /^[ \t]*[^\s()]*(?:\([^\s()]*(?:\)[^\s()]*|$))*(?:[ \t]+(?:"[^"]*"?|'[^']*'?)?[ \t]*)?$/.test(rest) && rest.length < 4_200 ? null : { end: -1 };
}

function linkNode(isImage, address, label, children) {
  const href = address === null ? null : safeAddress(address);
  if (isImage) {
    return { t: 'image', a: href ? { href } : {}, c: [plainText(children) || 'without a description'] };
  }

  // Where it must not lead anywhere the text is left.
  return href || address === null ? { t: 'a', a: href ? { href } : {}, c: children } : { t: 'span', c: children };
}

function withoutLinks(nodes) {
  return nodes.flatMap((node) => {
    if (typeof node === 'string') {
      return [node];
    }

    return node.t === 'a' ? withoutLinks(node.c) : [{ ...node, ...(node.c ? { c: withoutLinks(node.c) } : {}) }];
  });
}

/** @param {Node[]} nodes @returns {string} */
export function plainText(nodes) {
  return nodes.map((node) => (typeof node === 'string' ? node : plainText(node.c ?? []))).join('');
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

function characterOf(code) {
  return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
}
