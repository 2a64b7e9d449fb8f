/**
 * The browser's storage, or null where it is switched off (reading the property then throws).
 * @returns {Storage | null}
 */
export function openStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/**
 * What the browser keeps for this tab alone, or null where it is switched off.
 * @returns {Storage | null}
 */
export function openTabStorage() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

/** A choice of the person that outlives the page. */
export class Preference {
  #storage;

  /** @param {string} name @param {Storage | null} storage */
  constructor(name, storage) {
    this.key = `agentstream.preference.${name}`;
    this.#storage = storage;
  }

  get value() {
    return this.#storage?.getItem(this.key) ?? null;
  }

  set value(text) {
    try {
      this.#storage?.setItem(this.key, text);
    } catch {
      console.warn('The browser has no room to keep a preference.');
    }
  }
}
