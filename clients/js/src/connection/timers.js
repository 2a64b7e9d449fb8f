/** @import { Clock } from '../types.js' */

/** Timers by name: one that is set again begins anew. */
export class Timers {
  #clock;
  #ids = new Map();

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /** @param {string} name */
  has(name) {
    return this.#ids.has(name);
  }

  /** @param {string} name @param {number} ms @param {() => void} action */
  after(name, ms, action) {
    this.cancel(name);
    this.#ids.set(name, this.#clock.setTimeout(() => {
      this.#ids.delete(name);
      action();
    }, ms));
  }

  /** @param {string} name */
  cancel(name) {
    if (this.#ids.has(name)) {
      this.#clock.clearTimeout(this.#ids.get(name));
      this.#ids.delete(name);
    }
  }

  cancelAll() {
    for (const name of [...this.#ids.keys()]) {
      this.cancel(name);
    }
  }
}

/** @type {Clock} */
export const systemClock = {
  now: () => Date.now(),
  setTimeout: (action, ms) => globalThis.setTimeout(action, ms),
  clearTimeout: (id) => globalThis.clearTimeout(id),
};
