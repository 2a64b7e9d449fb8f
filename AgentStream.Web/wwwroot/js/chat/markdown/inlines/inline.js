import { safeAddress } from './address.js';
import { closerOf, codeNode } from './code-span.js';
import { Emphasis, flanks } from './emphasis.js';
import { entityAt } from './entities.js';
import { bareAddressAt, closingBracket, linkNode, targetOf, withoutLinks } from './links.js';

/** @import { Node } from '../tree.js' */

/**
 * The text within a block: emphasis, code, links.
 * It forgives what is not finished: with `open` the text may go on, so a mark that is not closed yet counts already,
 * and one that may still become something is not shown until it is known what it is.
 */

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const MAX_DEPTH = 12;

/**
 * @param {string} text
 * @param {boolean} [open]
 * @param {{ inCell?: boolean }} [where] `inCell`: of a table, where `<br>` is the one way to break a line
 * @returns {Node[]}
 */
export function inline(text, open = false, { inCell = false } = {}) {
  return new Inline(text, { open, inCell, depth: 0 }).parse();
}

class Inline {
  #text;
  #open;
  #depth;
  #inCell;
  #at = 0;
  #read;
  #noCloser = new Set();

  constructor(text, { open, inCell, depth }) {
    this.#text = text;
    this.#open = open;
    this.#inCell = inCell;
    this.#depth = depth;
    this.#read = new Emphasis(open);
  }

  parse() {
    while (this.#at < this.#text.length) {
      this.#step(this.#text[this.#at]);
    }

    return this.#read.finish();
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
      case 'M':
      case 'w':
      case 'W': this.#bareAddress(char); break;
      default: this.#write(char); break;
    }
  }

  #write(text, length = text.length) {
    this.#read.write(text);
    this.#at += length;
  }

  #push(node, length) {
    this.#read.push(node);
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
    const { opens, closes } = flanks(char, characterBefore(this.#text, this.#at), characterAt(this.#text, this.#at + length));
    let left = length;
    if (closes || this.#atEnd(length)) {
      left = this.#read.close(char, left, { mayGrow: this.#atEnd(length), opens });
    }

    if (left > 0 && this.#atEnd(length)) {
      left = 0;
    } else if (left > 0 && opens && !(char === '~' && left !== 2)) {
      left = this.#read.enter(char, left, closes);
    }

    this.#write(char.repeat(left), 0);
    this.#at += length;
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
      this.#push(linkNode(isImage, target.address, this.#inner(label)), target.end - this.#at);
    } else if (this.#open && (following === undefined || (following === '(' && target === null))) {
      this.#push(linkNode(isImage, null, this.#inner(label)), this.#text.length - this.#at);
    } else {
      this.#write(this.#text.slice(this.#at, start));
    }
  }

  #inner(label) {
    return this.#depth > MAX_DEPTH
      ? [label]
      : withoutLinks(new Inline(label, { open: false, inCell: this.#inCell, depth: this.#depth + 1 }).parse());
  }

  #angle() {
    const rest = this.#text.slice(this.#at, this.#at + 2_100);
    const lineBreak = this.#inCell && /^<br *\/?>/i.exec(rest);
    if (lineBreak) {
      this.#push({ t: 'br' }, lineBreak[0].length);
      return;
    }

    if (this.#inCell && this.#open && /^<(?:b|br *\/?)?$/i.test(rest)) {
      this.#at += rest.length;
      return;
    }

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
    const found = entityAt(rest);
    if (found) {
      this.#write(found.decoded, found.length);
    } else if (this.#atEnd(rest.length) && /^&#?\w{0,8}$/.test(rest)) {
      this.#at += rest.length;
    } else {
      this.#write('&');
    }
  }

  #lineEnd() {
    if (this.#read.endLine()) {
      this.#push({ t: 'br' }, 1);
    } else {
      this.#write('\n');
    }

    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') {
      this.#at += 1;
    }
  }

  #bareAddress(char) {
    const bare = bareAddressAt(this.#text, this.#at);
    if (!bare) {
      this.#write(char);
      return;
    }

    const { found, address: text } = bare;
    const growing = this.#open && this.#at + found.length === this.#text.length;
    const href = growing ? null : safeAddress(/^w/i.test(text) ? `http:\/\/${text}` : text);
    if (growing || href) {
      // One that still grows leads nowhere yet.
      this.#push({ t: 'a', a: href ? { href } : {}, c: [text] }, text.length);
    } else {
      this.#write(text);
    }
  }
}

// A selector of how a character looks says nothing of what it is.
function characterBefore(text, at) {
  const before = [...text.slice(Math.max(at - 4, 0), at)].filter((char) => !/[\ufe00-\ufe0e]/.test(char));
  return before.at(-1) ?? ' ';
}

function characterAt(text, at) {
  return at < text.length ? String.fromCodePoint(text.codePointAt(at)) : ' ';
}
