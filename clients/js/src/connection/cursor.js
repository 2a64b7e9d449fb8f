/** How far a session's log has been read: each entry is taken once and in order. Its members are explained in index.d.ts. */
export class Cursor {
  // null: nothing yet, or what there was can't be gone on from.
  position;
  #gapsInARow = 0;

  constructor(position) {
    this.position = position ? { ...position } : null;
  }

  begin({ epoch, last_seq: lastSeq }) {
    this.#gapsInARow = 0;
    this.position = { epoch, lastSeq };
  }

  resume({ epoch }) {
    if (this.position !== null) {
      this.position.epoch = epoch;
    }
  }

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
