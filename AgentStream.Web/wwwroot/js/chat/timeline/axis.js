import { ShortenedTime } from './pauses.js';

/** @import { Rest } from './timeline.js' */

// Longer than this share of the work, and than these seconds, a rest is drawn with a break.
const LONG_SHARE = 0.15;
const LONG_S = 2;
// What is drawn in its place, of the whole.
const BREAK_SHARE = 0.06;
// While a run goes on its axis grows by leaps, so that what is drawn stays where it is in between.
const SHORTEST_S = 2;
const LEAP = 1.35;
// Nothing is divided by nothing.
const NO_TIME_S = 0.001;

/**
 * A rest on an axis.
 * @typedef {Rest & { kind: 'wait' | 'lost', open: boolean, isBroken: boolean }} AxisRest
 */

/** Where the moments of a run lie when it is drawn: long rests are short, and what is still to come has some room. */
export class Axis {
  #time;
  /** @type {AxisRest[]} in order */
  rests;
  /** What is drawn on two axes of one key lies at the same places. @type {string} */
  key;
  /** The moment at which the run is. */
  end;

  /**
   * @param {{ waits: Rest[], losses: Rest[] }} rests
   * @param {number} end seconds
   * @param {{ isOver: boolean, isWaiting: boolean }} run
   */
  constructor({ waits, losses }, end, { isOver, isWaiting }) {
    const rests = [...waits.map((rest) => ({ ...rest, kind: 'wait' })), ...losses.map((rest) => ({ ...rest, kind: 'lost' }))]
      .sort((a, b) => a.from - b.from);
    const worked = Math.max(end - sum(rests), 0);
    const least = Math.max(worked * LONG_SHARE, LONG_S);
    this.rests = rests.map((rest, index) => ({
      ...rest,
      open: isWaiting && rest.kind === 'wait' && index === rests.length - 1,
      isBroken: rest.to - rest.from > least,
    }));
    const broken = apart(this.rests.filter(({ isBroken }) => isBroken));
    const busy = Math.max(end - sum(broken), 0);
    const room = isOver ? Math.max(busy, NO_TIME_S) : leapAbove(busy);
    const shownAs = Math.min(room * BREAK_SHARE, ...broken.map(({ from, to }) => to - from));
    this.end = end;
    this.#time = new ShortenedTime(end + room - busy, broken, shownAs);
    this.key = [room, shownAs, ...this.rests.map(({ from, to, open, isBroken }) => [from, open ? '' : to, isBroken])].join();
  }

  /** How many seconds are drawn. */
  get total() {
    return this.#time.total;
  }

  /** @param {number} at seconds of the run @returns {number} from 0 to 1 */
  shareOf(at) {
    return this.total > 0 ? this.#time.shown(at) / this.total : 0;
  }

  /** @param {number} share from 0 to 1 @returns {number} seconds of the run */
  momentAt(share) {
    return this.#time.real(share * this.total);
  }
}

// Two that overlap are one: they are drawn shorter once.
function apart(rests) {
  const result = [];
  for (const { from, to } of rests) {
    const last = result.at(-1);
    if (last && from <= last.to) {
      last.to = Math.max(last.to, to);
    } else {
      result.push({ from, to });
    }
  }

  return result;
}

function sum(rests) {
  return rests.reduce((total, { from, to }) => total + to - from, 0);
}

function leapAbove(seconds) {
  let room = SHORTEST_S;
  while (room < seconds) {
    room *= LEAP;
  }

  return room;
}
