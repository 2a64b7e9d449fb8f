/** What a connection that goes on from its cursor still has to bring, which may be nothing. */
export class Missed {
  /** @type {{ from: number, to: number } | null} */
  #entries = null;

  /**
   * @param {{ lastSeq: number } | null} cursor
   * @param {{ resumed: boolean, last_seq: number }} connected what the server said first of all
   * @returns {{ missing?: number, caughtUp?: number }} for the connection's state
   */
  comparedWith(cursor, { resumed, last_seq: lastSeq }) {
    this.#entries = null;
    if (!resumed || !cursor) {
      return {};
    }

    const from = cursor.lastSeq;
    if (from >= lastSeq) {
      return { caughtUp: 0 };
    }

    this.#entries = { from, to: lastSeq };
    return { missing: lastSeq - from };
  }

  /** @param {number} seq of an entry that is here now @returns {number | null} how many were missed, where this was the last of them */
  arrived(seq) {
    if (!this.#entries || seq < this.#entries.to) {
      return null;
    }

    const { from, to } = this.#entries;
    this.#entries = null;
    return to - from;
  }
}
