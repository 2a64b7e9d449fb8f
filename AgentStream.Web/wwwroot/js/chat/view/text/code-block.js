import { later } from '../../browser/later.js';
import { copyAndSay } from '../elements/copy.js';
import { make } from '../elements/dom.js';

const NODE_LENGTH = 2_000;
const CHUNK_LINES = 100;
const COPY = 'Copy';

/** @type {typeof import('../../markdown/highlight.js') | null} */
let colours = null;
const loadColours = later(async () => {
  colours = await import('../../markdown/highlight.js');
});

/**
 * Makes the buttons of the code in an element copy.
 * One listener for all: a long answer has thousands of blocks, of which nothing but elements is to be kept.
 * @param {HTMLElement} root
 */
export function copyCodeIn(root) {
  root.addEventListener('click', copyClicked);
}

function copyClicked({ target }) {
  const clicked = target.closest('.copy-button');
  const code = clicked?.closest('.code-block')?.querySelector('code');
  if (code) {
    void copyAndSay(clicked, COPY, code.textContent);
  }
}

/** Code with its language, colours and a button to copy it. It only grows: a line that is complete is coloured and left alone. */
export class CodeBlock {
  #code = make('code');
  #language;
  #inside = null;
  #text = '';
  #chunk = this.#code;
  #chunkLines = 0;
  #line = '';
  /** @type {Text[]} */
  #lineNodes = [];

  /** @param {string} lang as after the fence; empty: nothing is said of it */
  constructor(lang) {
    this.#language = colours?.knownLanguage(lang) ?? null;
    this.element = make('figure', { class: 'code-block', 'data-testid': 'code-block', ...(lang ? { 'data-lang': lang } : {}) },
      make('figcaption', { class: 'code-head' },
        make('span', { class: 'code-lang' }, lang || 'text'),
        make('button', {
          type: 'button',
          class: 'link-button copy-button',
          'aria-label': lang ? `Copy the ${lang} code` : 'Copy the code',
          'data-testid': 'copy-code',
        }, COPY)),
      make('pre', { class: 'code-text', tabindex: '0', role: 'group', 'aria-label': lang ? `${lang} code` : 'Code' }, this.#code));
    if (lang && !colours) {
      loadColours().then(() => this.#colourAll(lang), (error) => console.warn(error));
    }
  }

  get text() {
    return this.#text;
  }

  /** @param {string} text */
  append(text) {
    this.#text += text;
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#grow(text.slice(from, end));
      this.#endLine();
      from = end + 1;
    }

    this.#grow(text.slice(from));
  }

  // What came before the colours did.
  #colourAll(lang) {
    this.#language = colours.knownLanguage(lang);
    if (this.#language && this.#text !== '') {
      const text = this.#text;
      this.#text = '';
      this.#line = '';
      this.#lineNodes = [];
      this.#chunk = this.#code;
      this.#chunkLines = 0;
      this.#code.replaceChildren();
      this.append(text);
    }
  }

  #grow(text) {
    if (text === '') {
      return;
    }

    this.#line += text;
    const last = this.#lineNodes.at(-1);
    if (last && last.length < NODE_LENGTH) {
      last.appendData(text);
    } else {
      const node = document.createTextNode(text);
      this.#lineNodes.push(node);
      this.#chunk.append(node);
    }
  }

  #endLine() {
    if (this.#language && this.#line !== '') {
      const { pieces, inside } = colours.highlightLine(this.#language, this.#line, this.#inside);
      this.#inside = inside;
      if (pieces.some(({ kind }) => kind !== '')) {
        const [first, ...others] = this.#lineNodes;
        others.forEach((node) => node.remove());
        first.replaceWith(...pieces.map(({ kind, text }) => (kind === '' ? text : make('span', { class: `code-${kind}` }, text))));
      }
    }

    this.#chunk.append('\n');
    this.#line = '';
    this.#lineNodes = [];
    this.#chunkLines += 1;
    // In pieces of a hundred lines, so that a line more does not lay out all lines before it. Most code is shorter, and needs none.
    if (this.#chunkLines >= CHUNK_LINES) {
      this.#chunk = make('span', { class: 'code-chunk' });
      this.#chunkLines = 0;
      this.#code.append(this.#chunk);
    }
  }
}
