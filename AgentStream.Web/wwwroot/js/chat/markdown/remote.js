import { KINDS } from './tree.js';

/** @import { Node } from './tree.js' */

const WAIT_MS = 40;
const MAX_BLOCKS = 32;
const MAX_CHARACTERS = 60_000;
const MAX_BLOCK = 16_000;
const PAUSE_MS = 30_000;
const KEPT_CHARACTERS = 400_000;
// Words and plain punctuation mean the same to every parser.
const PLAIN = /^[\p{L}\p{N} ,;?"'’“”%/–—…]*(?:[.:!()-][\p{L}\p{N} ,;?"'’“”%/–—…]+)*[.:!?)]?$/u;

/**
 * Complete blocks as the server's parser reads them: asked for in batches, one at a time, each text once.
 * Where the server does not answer, nothing is lost: what is shown was read here.
 */
export class RemoteBlocks {
  #post;
  #clock;
  /** @type {Map<string, Node[]>} */
  #known = new Map();
  #knownCharacters = 0;
  /** @type {Map<string, ((nodes: Node[] | null) => void)[]>} */
  #wanted = new Map();
  #busy = false;
  #timer = null;
  #silentUntil = 0;

  /**
   * @param {object} options
   * @param {(blocks: string[]) => Promise<unknown>} options.post
   * @param {import('../../client/types.js').Clock} options.clock
   */
  constructor({ post, clock }) {
    this.#post = post;
    this.#clock = clock;
  }

  /** @param {string} source @returns {boolean} whether the server could say something new of it */
  isWorthAsking(source) {
    return source.length <= MAX_BLOCK && !(PLAIN.test(source) && !/^(?:\d|https?:)/.test(source));
  }

  /** @param {string} source @param {(nodes: Node[] | null) => void} done called later, or at once for what is known already */
  ask(source, done) {
    const known = this.#known.get(source);
    if (known) {
      done(known);
    } else if (this.#clock.now() < this.#silentUntil) {
      done(null);
    } else {
      this.#wanted.set(source, [...(this.#wanted.get(source) ?? []), done]);
      this.#plan();
    }
  }

  #plan() {
    if (this.#timer === null && !this.#busy && this.#wanted.size > 0) {
      this.#timer = this.#clock.setTimeout(() => {
        this.#timer = null;
        void this.#send();
      }, WAIT_MS);
    }
  }

  async #send() {
    this.#busy = true;
    const batch = this.#take();
    try {
      const answer = await this.#post(batch.map(({ source }) => source));
      const blocks = answer?.blocks;
      batch.forEach(({ source, waiting }, index) => {
        const nodes = Array.isArray(blocks?.[index]) && blocks[index].every(isNode) ? blocks[index] : null;
        this.#keep(source, nodes);
        waiting.forEach((done) => done(nodes));
      });
    } catch (error) {
      console.warn('The answer is formatted in the page alone; the server did not help.', error);
      this.#silentUntil = this.#clock.now() + PAUSE_MS;
      const rest = [...this.#wanted.values()].flat();
      this.#wanted.clear();
      [...batch.flatMap(({ waiting }) => waiting), ...rest].forEach((done) => done(null));
    } finally {
      this.#busy = false;
      this.#plan();
    }
  }

  #take() {
    const batch = [];
    let characters = 0;
    for (const [source, waiting] of this.#wanted) {
      if (batch.length > 0 && (batch.length >= MAX_BLOCKS || characters + source.length > MAX_CHARACTERS)) {
        break;
      }

      characters += source.length;
      batch.push({ source, waiting });
      this.#wanted.delete(source);
    }

    return batch;
  }

  #keep(source, nodes) {
    if (!nodes) {
      return;
    }

    this.#known.set(source, nodes);
    this.#knownCharacters += source.length;
    for (const oldest of this.#known.keys()) {
      if (this.#knownCharacters <= KEPT_CHARACTERS) {
        break;
      }

      this.#known.delete(oldest);
      this.#knownCharacters -= oldest.length;
    }
  }
}

function isNode(node) {
  return typeof node === 'string'
    || (typeof node === 'object' && node !== null && KINDS.has(node.t) && (node.c === undefined || (Array.isArray(node.c)
      && node.c.every(isNode))));
}
