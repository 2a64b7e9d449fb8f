import { box, svg } from '../elements/svg.js';

// So many are one path: one more is written into a short text.
const MOST_BOXES = 64;
// Less than this is not to be seen, where something stands already.
const LEAST_NEW = 0.5;

/** Bars of one look. Thousands of them are a few paths, and adding one costs the same whatever there is. */
export class Bars {
  #group;
  #look;
  #path = null;
  #way = '';
  #count = 0;
  /** @type {Map<number, number>} how far there is something, by height */
  #ends = new Map();

  /** @param {SVGElement} group @param {string} look a class */
  constructor(group, look) {
    this.#group = group;
    this.#look = look;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  add(x, y, width, height) {
    const end = x + width;
    const from = Math.max(x, this.#ends.get(y) ?? -Infinity);
    if (end - from >= LEAST_NEW) {
      this.#ends.set(y, end);
      this.addWay(box(round(from), y, round(end - from), height));
    }
  }

  /** @param {string} way of a path */
  addWay(way) {
    if (this.#path === null || this.#count >= MOST_BOXES) {
      this.#path = svg('path', { class: this.#look });
      this.#group.append(this.#path);
      this.#way = '';
      this.#count = 0;
    }

    this.#way += way;
    this.#count += 1;
    this.#path.setAttribute('d', this.#way);
  }

  clear() {
    this.#path = null;
    this.#ends.clear();
  }
}

function round(value) {
  return Math.round(value * 10) / 10;
}
