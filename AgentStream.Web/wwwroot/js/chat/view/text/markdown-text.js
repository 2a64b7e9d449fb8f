import { renderBlocks, languageOf } from '../../markdown/blocks.js';
import { Splitter } from '../../markdown/splitter.js';
import { make } from '../elements/dom.js';
import { setAsideWhenFar } from '../elements/set-aside.js';
import { CodeBlock, copyCodeIn } from './code-block.js';
import { MarkdownBlock } from './markdown-dom.js';

/** @import { RemoteBlocks } from '../../markdown/remote.js' */

// How long one go may take, and how much text is read between two looks at the clock.
const SLICE_MS = 2;
const PIECE = 1_000;
// Blocks are laid out in groups, so that one more does not lay out all before it;
// and the groups in sections, because the browser looks at each group that it may leave out, whenever something is added.
const CHUNK_BLOCKS = 24;
const SECTION_CHUNKS = 4;

/**
 * Markdown that grows. Complete blocks are made once; only the open one is made again, and it is bounded.
 * A text that comes all at once (a long answer of a session that is opened) is worked off in slices,
 * so that the page can be used meanwhile.
 */
export class MarkdownText {
  #root;
  #remote;
  #splitter;
  #source = '';
  #waiting = [];
  #shownChunks = 0;
  #ended = false;
  #finished = false;
  #planned = false;
  /** @type {MarkdownBlock | null} */
  #tail = null;
  /** @type {CodeBlock | null} */
  #code = null;
  #section = null;
  #chunk = null;
  #chunkBlocks = 0;

  /**
   * @param {HTMLElement} root
   * @param {RemoteBlocks} remote
   */
  constructor(root, remote) {
    this.#root = root;
    this.#remote = remote;
    copyCodeIn(root);
    this.#reset();
  }

  /** Shows the chunks that are not shown yet. @param {string[]} chunks */
  grow(chunks) {
    if (this.#shownChunks < chunks.length) {
      const text = chunks.slice(this.#shownChunks).join('');
      this.#shownChunks = chunks.length;
      this.#give(text);
      this.#workNow();
    }
  }

  /** Shows the whole text; what stands there already is not touched. @param {string} content */
  settle(content) {
    if (content !== this.#source) {
      if (content.startsWith(this.#source)) {
        this.#give(content.slice(this.#source.length));
      } else {
        this.#reset();
        this.#give(content);
      }
    }

    this.#ended = true;
    this.#workNow();
  }

  // One slice a frame: what came late already has its turn, and takes this along.
  #workNow() {
    if (!this.#planned) {
      this.#work();
    }
  }

  #reset() {
    this.#root.replaceChildren();
    this.#source = '';
    this.#waiting = [];
    this.#tail = null;
    this.#code = null;
    this.#section = null;
    this.#chunk = null;
    this.#finished = false;
    this.#splitter = new Splitter({
      block: (source, continued) => this.#completeBlock(source, continued),
      codeOpened: (info) => this.#openCode(info),
      code: (text) => this.#code.append(text),
      codeClosed: () => { this.#code = null; },
    });
  }

  #give(text) {
    this.#source += text;
    for (let at = 0; at < text.length; at += PIECE) {
      this.#waiting.push(text.slice(at, at + PIECE));
    }
  }

  #work() {
    const began = performance.now();
    let taken = 0;
    while (taken < this.#waiting.length && (taken === 0 || performance.now() - began < SLICE_MS)) {
      this.#splitter.push(this.#waiting[taken]);
      taken += 1;
    }

    this.#waiting.splice(0, taken);
    if (this.#waiting.length > 0) {
      this.#plan();
    } else if (this.#ended && !this.#finished) {
      this.#finished = true;
      this.#splitter.end();
      this.#tail?.element.remove();
      this.#tail = null;
    } else if (!this.#finished) {
      this.#showTail();
    }
  }

  #plan() {
    if (!this.#planned) {
      this.#planned = true;
      requestAnimationFrame(() => {
        this.#planned = false;
        this.#work();
      });
    }
  }

  #showTail() {
    const source = this.#splitter.tail;
    if (source === '' && !this.#tail) {
      return;
    }

    this.#openBlock().show(renderBlocks(source, true));
  }

  #openBlock() {
    if (!this.#tail) {
      this.#tail = new MarkdownBlock('md-block md-open');
      this.#append(this.#tail.element);
    }

    return this.#tail;
  }

  #append(block) {
    if (!this.#chunk || this.#chunkBlocks >= CHUNK_BLOCKS) {
      this.#chunk?.classList.remove('is-growing');
      this.#chunk = make('div', { class: 'md-chunk is-growing' });
      this.#chunkBlocks = 0;
      this.#sectionOf().append(this.#chunk);
    }

    this.#chunkBlocks += 1;
    this.#chunk.append(block);
  }

  // Classes say what grows, and not :last-child: that would have the browser look at all the others when one is added.
  #sectionOf() {
    if (!this.#section || this.#section.childElementCount >= SECTION_CHUNKS) {
      if (this.#section) {
        this.#section.classList.remove('is-growing');
        setAsideWhenFar(this.#section);
      }

      this.#section = make('div', { class: 'md-section is-growing' });
      this.#root.append(this.#section);
    }

    return this.#section;
  }

  #completeBlock(source, continued) {
    const block = this.#openBlock();
    const { element } = block;
    this.#tail = null;
    element.classList.remove('md-open');
    element.classList.toggle('md-continued', continued);
    const nodes = renderBlocks(source);
    element.classList.toggle('md-heading', nodes.length === 1 && /^h[1-6]$/.test(nodes[0].t));
    block.show(nodes);
    if (this.#remote.isWorthAsking(source)) {
      this.#remote.ask(source, (nodes) => {
        if (nodes) {
          block.show(nodes);
        }
      });
    }
  }

  #openCode(info) {
    this.#tail?.element.remove();
    this.#tail = null;
    this.#code = new CodeBlock(languageOf(info));
    this.#append(make('div', { class: 'md-block' }, this.#code.element));
  }
}
