/** @import { Frame } from '../types.js' */

/** The sub-protocols in the order in which they are wanted: a server of an earlier version knows only the last. */
export const SUB_PROTOCOLS = ['agentstream.v2', 'agentstream.v1'];

/** Writes short frames out: a delta without a type says only what is new since the entry before it, which is a delta of the same step. */
export class ShortFrames {
  /** @type {Frame | null} the entry before, where it is a delta */
  #before = null;

  /** @param {object} frame as it came @returns {Frame | undefined} the whole frame; undefined: what it goes on from is not here */
  read(frame) {
    if (typeof frame?.seq !== 'number') {
      return frame;
    }

    const whole = frame.type === undefined ? this.#continued(frame) : frame;
    this.#before = whole?.type === 'step_delta' ? whole : null;
    return whole;
  }

  #continued({ seq, first_seq: firstSeq, timestamp, delta }) {
    if (this.#before === null) {
      return undefined;
    }

    const { type, run_id: runId, data } = this.#before;
    return { seq, first_seq: firstSeq, type, run_id: runId, timestamp, data: { ...data, delta } };
  }
}
