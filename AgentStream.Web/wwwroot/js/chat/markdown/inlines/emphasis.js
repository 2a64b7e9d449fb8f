import { isCjk } from './cjk.js';

/** @import { Node } from '../tree.js' */

const WIDE_PUNCTUATION = /[\p{P}\p{S}]/u;
const MAX_DEPTH = 12;

/** What has been read of a text, with the emphasis that is open around it. */
export class Emphasis {
  #open;
  #plain = '';
  /** @type {{ tag: string, mark: string, closes?: boolean, children: Node[] }[]} */
  #stack = [{ tag: '', mark: '', children: [] }];

  /** @param {boolean} open the text may go on */
  constructor(open) {
    this.#open = open;
  }

  /** @param {string} text */
  write(text) {
    this.#plain += text;
  }

  /** @param {Node} node */
  push(node) {
    this.#flush();
    this.#stack.at(-1).children.push(node);
  }

  /** What stands before the end of a line is left out of it. @returns {boolean} whether it asks for a break there */
  endLine() {
    const breaks = / {2,}$/.test(this.#plain);
    this.#plain = this.#plain.trimEnd();
    return breaks;
  }

  /** @returns {Node[]} all of it */
  finish() {
    this.#flush();
    while (this.#stack.length > 1) {
      this.#leave();
    }

    return this.#stack[0].children;
  }

  #flush() {
    if (this.#plain !== '') {
      add(this.#stack.at(-1).children, this.#plain);
      this.#plain = '';
    }
  }

  /**
   * Opens emphasis.
   * @param {string} char
   * @param {number} length how many marks there are
   * @param {boolean} closes whether they could have ended it as well
   * @returns {number} how many of them are left
   */
  enter(char, length, closes) {
    let left = length;
    while (left > 0 && this.#stack.length <= MAX_DEPTH) {
      const size = left === 2 || left > 3 ? 2 : 1;
      this.#flush();
      this.#stack.push({ tag: char === '~' ? 'del' : size === 2 ? 'strong' : 'em', mark: char.repeat(size), closes, children: [] });
      left -= size;
    }

    return left;
  }

  /**
   * Ends emphasis.
   * @param {string} char
   * @param {number} length how many marks there are
   * @param {{ mayGrow: boolean, opens: boolean }} how `mayGrow`: these may be the first of more:
   *   then only the innermost emphasis is ended by them;
   * `opens`: they could begin it as well
   * @returns {number} how many of them are left
   */
  close(char, length, { mayGrow, opens }) {
    let left = length;
    while (left > 0) {
      const fits = (at) => {
        const { mark, closes } = this.#stack[at];
        // CommonMark's rule of three: marks within a word, one here and two there, are not each other's ends.
        return mark[0] === char && mark.length <= left && !((opens || closes) && mark.length !== left && (mark.length + left) % 3 === 0);
      };
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
}

/**
 * Whether marks open and close emphasis, by what stands around them: CommonMark's rule, and for Chinese, Japanese and Korean,
 * which put no space around words, the one of `markdown-cjk-friendly`, as the server has it.
 * @param {string} char @param {string} before the character there @param {string} after
 */
export function flanks(char, before, after) {
  const isSpace = (one) => /\s/.test(one);
  const isMark = (one) => WIDE_PUNCTUATION.test(one);
  if (isSpace(before) || isSpace(after)) {
    return { opens: !isSpace(after), closes: !isSpace(before) };
  }

  const betweenLetters = char !== '_' && (isCjk(before) || isCjk(after));
  return {
    opens: betweenLetters || isMark(before) || (char !== '_' && !isMark(after)),
    closes: betweenLetters || isMark(after) || (char !== '_' && !isMark(before)),
  };
}

function add(children, child) {
  if (typeof child === 'string' && typeof children.at(-1) === 'string') {
    children[children.length - 1] += child;
  } else if (child !== '') {
    children.push(child);
  }
}
