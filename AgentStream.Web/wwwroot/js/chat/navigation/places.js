import { KeptMap } from '../browser/kept-map.js';

const KEPT = 60;

/**
 * Where the reader was in each entry of the tab's history, for back, forward and a refresh.
 * @typedef {{ end: true } | { end: false, runId: string, seq: number, top: number }} Place at the end of the conversation, or:
 *   which run was at the top of the window, and where
 */
export class Places {
  #places;

  /** @param {Storage | null} storage of the tab */
  constructor(storage) {
    this.#places = new KeptMap(storage, 'agentstream.places', KEPT);
  }

  /** @param {string | null} entry @returns {Place | undefined} */
  get(entry) {
    return entry === null ? undefined : this.#places.get(entry);
  }

  /** @param {string | null} entry @param {Place} place */
  set(entry, place) {
    if (entry !== null) {
      this.#places.set(entry, place);
    }
  }
}
