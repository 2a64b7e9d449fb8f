const KEPT = 60;
const STORAGE_KEY = 'agentstream.places';

/**
 * Where the reader was in each entry of the tab's history, for back, forward and a refresh.
 * @typedef {{ end: true } | { end: false, runId: string, seq: number, top: number }} Place at the end of the conversation, or: which run was at the top of the window, and where
 */
export class Places {
  #storage;
  /** @type {Map<string, Place>} the one that was left longest ago first */
  #places;

  /** @param {Storage | null} storage of the tab */
  constructor(storage) {
    this.#storage = storage;
    this.#places = new Map(read(storage));
  }

  /** @param {string | null} entry @returns {Place | undefined} */
  get(entry) {
    return entry === null ? undefined : this.#places.get(entry);
  }

  /** @param {string | null} entry @param {Place} place */
  set(entry, place) {
    if (entry === null) {
      return;
    }

    this.#places.delete(entry);
    this.#places.set(entry, place);
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= KEPT) {
        break;
      }

      this.#places.delete(oldest);
    }

    try {
      this.#storage?.setItem(STORAGE_KEY, JSON.stringify([...this.#places]));
    } catch {
      console.warn('The browser has no room to keep where you were reading.');
    }
  }
}

function read(storage) {
  try {
    const places = JSON.parse(storage?.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(places) ? places : [];
  } catch {
    // Somebody else wrote there: nothing that matters is lost.
    return [];
  }
}
