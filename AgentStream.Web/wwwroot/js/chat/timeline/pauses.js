/**
 * A stretch of time in which long pauses are made short, so that the rest can be seen.
 * @typedef {{ from: number, to: number }} Stretch in seconds
 */

/** Turns a run's own seconds into those that are shown, and back. */
export class ShortenedTime {
  #whole;
  #pauses;
  #shownAs;

  /**
   * @param {number} total seconds
   * @param {Stretch[]} pauses in order, none in another
   * @param {number} shownAs how long each of them is shown
   */
  constructor(total, pauses, shownAs) {
    this.#whole = total;
    this.#pauses = pauses;
    this.#shownAs = shownAs;
    this.total = this.shown(total);
  }

  /** @param {number} at of the run @returns {number} */
  shown(at) {
    let saved = 0;
    for (const { from, to } of this.#pauses) {
      if (at <= from) {
        break;
      }

      const passed = (Math.min(at, to) - from) / (to - from);
      saved += passed * (to - from - this.#shownAs);
    }

    return at - saved;
  }

  /** @param {number} shown @returns {number} the moment of the run */
  real(shown) {
    // Exactly: at the end everything is there.
    if (shown >= this.total) {
      return this.#whole;
    }

    let saved = 0;
    for (const { from, to } of this.#pauses) {
      const begins = from - saved;
      if (shown <= begins) {
        break;
      }

      const passed = Math.min((shown - begins) / this.#shownAs, 1);
      saved += passed * (to - from - this.#shownAs);
    }

    return shown + saved;
  }
}

/**
 * @param {Stretch[]} busy in which something was to be seen; a moment is a stretch of no length
 * @param {number} total
 * @param {number} longest what lies between two of them and is longer is a pause
 * @returns {Stretch[]}
 */
export function pausesBetween(busy, total, longest) {
  const pauses = [];
  let until = 0;
  for (const { from, to } of [...busy.toSorted((a, b) => a.from - b.from), { from: total, to: total }]) {
    if (from - until > longest) {
      pauses.push({ from: until, to: from });
    }

    until = Math.max(until, to);
  }

  return pauses;
}
