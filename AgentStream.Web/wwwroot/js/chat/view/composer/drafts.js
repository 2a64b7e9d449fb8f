/** What was begun and not sent, a text a session, kept over refreshes and restarts of the browser. */
export class Drafts {
  #storage;
  // Where the browser gives no storage, drafts live as long as the page.
  #memory = new Map();

  /** @param {Storage | null} storage */
  constructor(storage) {
    this.#storage = storage;
  }

  /** @param {string} sessionId @returns {string} */
  read(sessionId) {
    return this.#memory.get(sessionId) ?? this.#storage?.getItem(keyOf(sessionId)) ?? '';
  }

  /** @param {string} sessionId @param {string} text blank: there is none any more */
  write(sessionId, text) {
    if (text.trim() === '') {
      this.#memory.delete(sessionId);
      this.#storage?.removeItem(keyOf(sessionId));
      return;
    }

    try {
      if (this.#storage) {
        this.#storage.setItem(keyOf(sessionId), text);
        this.#memory.delete(sessionId);
        return;
      }
    } catch {
      console.warn('The browser has no room to keep a draft; it lasts as long as this page.');
    }

    this.#memory.set(sessionId, text);
  }
}

function keyOf(sessionId) {
  return `agentstream.draft.${sessionId}`;
}
