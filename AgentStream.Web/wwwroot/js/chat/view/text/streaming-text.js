/**
 * Text that grows. A piece is appended to the last text node; a long text is laid out in blocks that end at a line's end, so that neither
 * the browser's copying nor its layout grows with what is already there.
 */
const NODE_LENGTH = 2_000;
const BLOCK_LENGTH = 4_000;

export class StreamingText {
  #element;
  #block = null;
  #blockLength = 0;
  #node = null;
  #shownChunks = 0;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** Shows the chunks that are not shown yet. @param {string[]} chunks */
  grow(chunks) {
    if (this.#shownChunks >= chunks.length) {
      return;
    }

    // The pieces of one frame together: one change of the page for all.
    const text = chunks.slice(this.#shownChunks).join('');
    this.#shownChunks = chunks.length;
    this.#append(text);
  }

  /** Shows the whole text; if it is what stands there already, nothing is touched. @param {string} content */
  settle(content) {
    if (this.#element.textContent !== content) {
      this.#element.replaceChildren();
      this.#block = null;
      this.#node = null;
      this.#append(content);
    }
  }

  #append(text) {
    let rest = text;
    while (rest.length > 0) {
      const room = BLOCK_LENGTH - this.#blockLength;
      const lineEnd = room <= rest.length ? rest.indexOf('\n', Math.max(room, 0)) : -1;
      const piece = lineEnd < 0 ? rest : rest.slice(0, lineEnd + 1);
      this.#appendToBlock(piece);
      rest = rest.slice(piece.length);
      if (lineEnd >= 0) {
        this.#block = null;
      }
    }
  }

  #appendToBlock(text) {
    if (!this.#block) {
      this.#block = document.createElement('div');
      this.#block.className = 'text-block';
      this.#blockLength = 0;
      this.#node = null;
      this.#element.append(this.#block);
    }

    if (!this.#node || this.#node.length > NODE_LENGTH) {
      this.#node = document.createTextNode(text);
      this.#block.append(this.#node);
    } else {
      this.#node.appendData(text);
    }

    this.#blockLength += text.length;
  }
}
