/** A map that the browser keeps, of the latest entries: what was set longest ago goes first. */
export class KeptMap {
  #storage;
  #name;
  #most;
  /** @type {Map<string, any>} */
  #entries;

  /**
   * @param {Storage | null} storage null: it is kept as long as the page
   * @param {string} name in the storage
   * @param {number} most how many entries
   */
  constructor(storage, name, most) {
    this.#storage = storage;
    this.#name = name;
    this.#most = most;
    this.#entries = new Map(read(storage, name));
  }

  /** @param {string} key */
  get(key) {
    return this.#entries.get(key);
  }

  /** @param {string} key @param {any} value of what JSON has */
  set(key, value) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) {
        break;
      }

      this.#entries.delete(oldest);
    }

    try {
      this.#storage?.setItem(this.#name, JSON.stringify([...this.#entries]));
    } catch {
      console.warn(`The browser has no room to keep ${this.#name}.`);
    }
  }
}

function read(storage, name) {
  try {
    const entries = JSON.parse(storage?.getItem(name) ?? '[]');
    return Array.isArray(entries) ? entries.filter(Array.isArray) : [];
  } catch {
    // Somebody else wrote there: nothing that matters is lost.
    return [];
  }
}
