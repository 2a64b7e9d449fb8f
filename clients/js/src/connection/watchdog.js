import { Timers } from './timers.js';

/** @import { Clock } from '../types.js' */

// The server's heartbeat comes every 30 s; ten more are patience with slow networks.
const SILENCE_MS = 40_000;
const PONG_MS = 8_000;
// A page that comes back from sleep has a person in front of it.
const PONG_ON_RETURN_MS = 4_000;
// The browser says that there is no network: it is mostly right, but a server on the same machine is still there.
const PONG_IN_DOUBT_MS = 2_500;
// Whatever is sent is answered. A person has just pressed "send" and is told that it was sent: take that back soon if it is not true.
const ANSWER_MS = 5_000;

/** Finds out that a socket is dead when nobody says so: by silence, by what is not answered, by asking. */
export class Watchdog {
  #timers;
  #ping;
  #onDoubt;
  #onDead;

  /**
   * @param {Clock} clock
   * @param {object} does
   * @param {() => void} does.ping asks the server for an answer
   * @param {() => void} does.onDoubt what was sent has not been answered
   * @param {() => void} does.onDead the question was not answered either
   */
  constructor(clock, { ping, onDoubt, onDead }) {
    this.#timers = new Timers(clock);
    this.#ping = ping;
    this.#onDoubt = onDoubt;
    this.#onDead = onDead;
  }

  /**
   * Something has come.
   * @param {boolean} inDoubt then only the answer to our question counts: what else comes may have been on its way before
   */
  heard(inDoubt) {
    this.#timers.cancel('answer');
    if (!inDoubt) {
      this.#timers.cancel('pong');
    }

    this.#timers.after('silence', SILENCE_MS, () => this.#ask(PONG_MS));
  }

  /** Something was sent that is answered. */
  sent() {
    if (!this.#timers.has('answer')) {
      this.#timers.after('answer', ANSWER_MS, this.#onDoubt);
    }
  }

  /** The question was answered. */
  answered() {
    this.#timers.cancel('pong');
  }

  /** The page has come back. */
  askOnReturn() {
    this.#ask(PONG_ON_RETURN_MS);
  }

  askInDoubt() {
    this.#ask(PONG_IN_DOUBT_MS);
  }

  stop() {
    this.#timers.cancelAll();
  }

  #ask(patience) {
    this.#ping();
    this.#timers.after('pong', patience, this.#onDead);
  }
}
