// As many sessions as a person goes back and forth between; what is older is loaded again.
const KEPT = 8;

/** The sessions that this page has open or had open lately, so that going back to one shows it at once and asks only for what is new. */
export class OpenSessions {
  #make;
  /** @type {Map<string, import('./session.js').ChatSession>} the one that was open longest ago first */
  #sessions = new Map();
  #current = null;

  /** @param {(sessionId: string) => import('./session.js').ChatSession} make */
  constructor(make) {
    this.#make = make;
  }

  /** @returns {import('./session.js').ChatSession | null} */
  get current() {
    return this.#current;
  }

  /** @param {string} sessionId @returns {import('./session.js').ChatSession} */
  open(sessionId) {
    if (this.#current?.sessionId === sessionId) {
      return this.#current;
    }

    this.#current?.leave();
    const session = this.#sessions.get(sessionId) ?? this.#make(sessionId);
    this.#sessions.delete(sessionId);
    this.#sessions.set(sessionId, session);
    this.#forgetOldest();
    this.#current = session;
    return session;
  }

  /** It was deleted: nothing of it is kept. @param {string} sessionId */
  forget(sessionId) {
    const session = this.#sessions.get(sessionId);
    this.#sessions.delete(sessionId);
    session?.leave();
    session?.disconnect();
    if (this.#current === session) {
      this.#current = null;
    }
  }

  #forgetOldest() {
    for (const [id, session] of this.#sessions) {
      if (this.#sessions.size <= KEPT) {
        return;
      }

      // One that still has something to send is kept until it has sent it.
      if (session !== this.#current && session.connection.status === 'disconnected') {
        this.#sessions.delete(id);
      }
    }
  }
}
