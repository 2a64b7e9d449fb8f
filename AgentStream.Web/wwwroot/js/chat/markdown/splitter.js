import {
  closesFence, fenceOf, headingOf, indentOf, interruptsParagraph, isBlank, isDelimiterRow, isQuote, isRow, isRule, itemOf, outdented,
  underlineOf,
} from './lines.js';
import { endsWithin } from './mathematics.js';

/**
 * Cuts Markdown that streams in into its outermost blocks: each can be read without the others.
 * What is complete is handed out once and never looked at again, so the work for a piece of text depends on that piece
 * and on the open block, and the open block is bounded: where one grows too long it is ended at a place where little is lost
 * (a list after an item, a table after a row, whose heading then comes again).
 */

/** What a block is ended at, at the next good place, and what it is ended at anyway. In characters. */
const SOFT_LIMIT = 6_000;
const HARD_LIMIT = 24_000;
const LINE_LIMIT = 6_000;

/**
 * @typedef {object} Listener
 * @property {(source: string, continued: boolean) => void} block a complete one; `continued`: it was cut, and goes on with the next
 * @property {(info: string) => void} codeOpened
 * @property {(text: string) => void} code more of it
 * @property {(complete: boolean) => void} codeClosed
 */

export class Splitter {
  #listener;
  #line = '';
  /** @type {string[]} */
  #lines = [];
  #length = 0;
  /** @type {'' | 'paragraph' | 'list' | 'quote' | 'table' | 'indented'} */
  #kind = '';
  #item = null;
  #blankBefore = false;
  /** @type {{ mark: string, indent: number } | null} */
  #fence = null;
  #innerFence = null;
  /** What comes next belongs to mathematics that was begun, whatever it looks like. */
  #inMathematics = false;
  #holdsSigns = false;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** The open block's text so far. */
  get tail() {
    return this.#fence ? '' : [...this.#lines, this.#line].join('\n');
  }

  /** @param {string} text */
  push(text) {
    let from = 0;
    for (;;) {
      const end = text.indexOf('\n', from);
      if (end < 0) {
        break;
      }

      const line = this.#line + text.slice(from, end);
      this.#line = '';
      this.#take(line.endsWith('\r') ? line.slice(0, -1) : line);
      from = end + 1;
    }

    this.#line += text.slice(from);
    this.#cutLine();
  }

  /** Nothing follows. */
  end() {
    if (this.#fence) {
      const line = this.#line;
      this.#line = '';
      const complete = closesFence(line, this.#fence.mark);
      if (!complete && line !== '') {
        this.#listener.code(this.#codeBegan ? line : outdented(line, this.#fence.indent));
      }

      this.#closeFence(complete);
      return;
    }

    const line = this.#line;
    this.#line = '';
    if (line !== '') {
      this.#take(line);
    }

    if (this.#fence) {
      this.#closeFence(false);
    }

    this.#complete();
  }

  #codeBegan = false;

  #take(line) {
    if (this.#fence) {
      this.#takeCode(line);
      return;
    }

    const inMathematics = this.#inMathematics;
    if (this.#kind !== '' && !inMathematics && !this.#continues(line)) {
      this.#complete();
    }

    if (this.#kind === '') {
      this.#begin(line);
    } else {
      this.#add(line);
      if (this.#kind === 'paragraph' && !inMathematics) {
        this.#paragraphGrew(line);
      }

      this.#cutBlock();
    }

    this.#holdsSigns = this.#kind !== '' && (this.#holdsSigns || /[\\$]/.test(line));
    this.#inMathematics = this.#holdsSigns && endsWithin(`${this.#lines.join('\n')}\n`);
  }

  #begin(line) {
    if (isBlank(line)) {
      return;
    }

    const fence = fenceOf(line);
    if (fence) {
      this.#openFence(fence);
      return;
    }

    this.#add(line);
    this.#item = itemOf(line);
    if (headingOf(line) || isRule(line)) {
      this.#complete();
    } else if (indentOf(line) >= 4) {
      this.#kind = 'indented';
    } else if (this.#item) {
      this.#kind = 'list';
      this.#watchInnerFence(line);
    } else {
      this.#kind = isQuote(line) ? 'quote' : isRow(line) ? 'table' : 'paragraph';
    }
  }

  #continues(line) {
    const blank = isBlank(line);
    switch (this.#kind) {
      case 'list': return this.#listContinues(line, blank);
      case 'indented': return blank || indentOf(line) >= 4;
      case 'quote': return isQuote(line) || !(blank || interruptsParagraph(line));
      case 'table': return !blank && (isRow(line) || !interruptsParagraph(line));
      default: return !blank && (underlineOf(line) > 0 || !interruptsParagraph(line));
    }
  }

  #listContinues(line, blank) {
    if (blank) {
      this.#blankBefore = true;
      return true;
    }

    const afterBlank = this.#blankBefore;
    this.#blankBefore = false;
    if (indentOf(line) >= this.#item.width) {
      this.#watchInnerFence(line);
      return true;
    }

    this.#innerFence = null;
    const item = itemOf(line);
    if (item) {
      const same = item.kind === this.#item.kind && item.ordered === this.#item.ordered;
      if (same && this.#length > SOFT_LIMIT) {
        return false;
      }

      if (same) {
        this.#item = item;
        this.#watchInnerFence(line);
      }

      return same || indentOf(line) > 0;
    }

    return !afterBlank && !interruptsParagraph(line);
  }

  // A fence in a list item: a cut in it would turn code into text.
  #watchInnerFence(line) {
    const text = line.replace(/^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*/, '');
    if (this.#innerFence) {
      if (closesFence(text, this.#innerFence.mark)) {
        this.#innerFence = null;
      }
    } else {
      const fence = fenceOf(text);
      this.#innerFence = fence && { mark: fence.mark, indent: line.length - text.length, info: fence.info };
    }
  }

  #paragraphGrew(line) {
    if (underlineOf(line) > 0) {
      this.#complete();
    } else if (this.#lines.length === 2 && this.#lines[0].includes('|') && isDelimiterRow(line)) {
      this.#kind = 'table';
    }
  }

  #cutBlock() {
    if (this.#kind === '' || this.#length <= SOFT_LIMIT) {
      return;
    }

    if (this.#kind === 'table') {
      const heading = this.#lines.slice(0, 2);
      if (isDelimiterRow(heading[1] ?? '')) {
        this.#complete(true);
        this.#kind = 'table';
        heading.forEach((line) => this.#add(line));
      } else {
        this.#complete(true);
      }
    } else if (this.#kind !== 'list') {
      this.#complete(true);
    } else if (this.#length > HARD_LIMIT) {
      const inner = this.#innerFence;
      this.#complete(true);
      if (inner) {
        this.#openFence(inner);
      }
    }
  }

  // Text without an end of line has to end somewhere, too.
  #cutLine() {
    if (this.#fence) {
      this.#takeOpenCode();
      return;
    }

    while (this.#line.length > LINE_LIMIT) {
      const space = this.#line.lastIndexOf(' ', LINE_LIMIT);
      const piece = this.#line.slice(0, space > 0 ? space : LINE_LIMIT);
      this.#line = this.#line.slice(space > 0 ? space + 1 : LINE_LIMIT);
      this.#take(piece);
      this.#complete(true);
    }
  }

  #openFence({ mark, indent, info }) {
    this.#fence = { mark, indent };
    this.#codeBegan = false;
    this.#listener.codeOpened(info);
  }

  #takeCode(line) {
    if (!this.#codeBegan && closesFence(line, this.#fence.mark)) {
      this.#closeFence(true);
      return;
    }

    this.#listener.code(`${this.#codeBegan ? line : outdented(line, this.#fence.indent)}\n`);
    this.#codeBegan = false;
  }

  // Code is shown as it comes, except where it may turn out to be the end of the fence.
  #takeOpenCode() {
    if (this.#line !== '' && (this.#codeBegan || !/^[ \t]*(?:`*|~*)[ \t]*$/.test(this.#line))) {
      this.#listener.code(this.#codeBegan ? this.#line : outdented(this.#line, this.#fence.indent));
      this.#codeBegan = true;
      this.#line = '';
    }
  }

  #closeFence(complete) {
    this.#fence = null;
    this.#codeBegan = false;
    this.#listener.codeClosed(complete);
  }

  #add(line) {
    this.#lines.push(line);
    this.#length += line.length + 1;
  }

  #complete(continued = false) {
    if (this.#lines.length > 0) {
      const source = this.#lines.join('\n').trimEnd();
      this.#lines = [];
      this.#listener.block(source, continued);
    }

    this.#length = 0;
    this.#kind = '';
    this.#item = null;
    this.#blankBefore = false;
    this.#innerFence = null;
  }
}
