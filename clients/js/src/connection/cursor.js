/** @import { Frame, Position } from '../types.js' */

/** How far a session's log has been read: each entry is taken once and in order. */
export class Cursor {
  /** @type {Position | null} null: nothing yet, or what there was can't be gone on from */
  position;
  #gapsInARow = 0;

  /** @param {Position | null} [position] after which reading goes on */
  constructor(position) {
    this.position = position ? { ...position } : null;
  }

  /** @param {{ epoch: string, last_seq: number }} snapshot after which reading goes on */
  begin({ epoch, last_seq: lastSeq }) {
    this.#gapsInARow = 0;
    this.position = { epoch, lastSeq };
  }

  /** @param {{ epoch: string }} connected of a connection that goes on after this cursor, maybe in a later epoch */
  resume({ epoch }) {
    if (this.position !== null) {
      this.position.epoch = epoch;
    }
  }

  /** @param {Frame} entry @returns {'next' | 'known' | 'gap'} `next`: it is read now */
  take({ seq, first_seq: firstSeq }) {
    const last = this.position?.lastSeq;
    if (last === undefined) {
      return this.#gap();
    }

    if (seq <= last) {
      return 'known';
    }

    if ((firstSeq ?? seq) !== last + 1) {
      return this.#gap();
    }

    this.#gapsInARow = 0;
    this.position.lastSeq = seq;
    return 'next';
  }

  /** @param {{ epoch: string, last_seq: number }} server how far the log goes @returns {boolean} whether something of it is missing here */
  lacks({ epoch, last_seq: lastSeq }) {
    return this.position !== null && (epoch !== this.position.epoch || lastSeq > this.position.lastSeq);
  }

  // Coming back with the same cursor normally heals it. If it does not, the server can't serve this cursor: then from a snapshot.
  #gap() {
    this.#gapsInARow += 1;
    if (this.#gapsInARow > 1) {
      this.position = null;
    }

    return 'gap';
  }
}
