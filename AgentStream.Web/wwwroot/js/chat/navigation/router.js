import { newId } from '../../client/ids.js';

const SESSION_ADDRESS = /\/chat\/([A-Za-z0-9_-]{1,128})$/;

/**
 * @param {string} pathname
 * @returns {string | null} the session that an address names
 */
export function sessionOf(pathname) {
  return SESSION_ADDRESS.exec(pathname)?.[1] ?? null;
}

/**
 * Which session the address names, and back. Going from one to another loads no page; a refresh, a link, back and forward lead to the same
 * place, because nothing but the address says where one is.
 */
export class Router {
  #window;
  #onOpen;

  /**
   * @param {{ window?: Window }} [options]
   */
  constructor({ window: browserWindow } = {}) {
    this.#window = browserWindow ?? globalThis.window;
    // Where a session is scrolled to is decided by what is in it, which comes later than the browser would scroll.
    this.#window.history.scrollRestoration = 'manual';
  }

  /**
   * Opens what the address names, now and whenever the person goes back or forward.
   * @param {(sessionId: string, how: { isNew: boolean, isOurs: boolean }) => void} onOpen the person went there, by whatever way;
   * `isNew`: nobody can have written to it yet; `isOurs`: it was made in this tab
   */
  start(onOpen) {
    this.#onOpen = onOpen;
    this.#window.addEventListener('popstate', () => this.#openAddress());
    this.#openAddress();
  }

  // Where the address names no session, a new one is put into it at once.
  #openAddress() {
    const named = sessionOf(this.#window.location.pathname);
    const sessionId = named ?? newId();
    if (!named) {
      this.#window.history.replaceState(newEntry(true), '', this.addressOf(sessionId));
    } else if (this.entry === null) {
      // Somebody came by a link, or to a step on this page.
      this.#window.history.replaceState(newEntry(), '');
    }

    this.#onOpen(sessionId, { isNew: !named, isOurs: this.#isOurs });
  }

  /** @returns {string | null} the name of this entry of the tab's history: two visits of one session are two entries */
  get entry() {
    return this.#window.history.state?.entry ?? null;
  }

  get #isOurs() {
    return this.#window.history.state?.made === true;
  }

  /** @param {string} sessionId @param {{ isNew: boolean }} [how] */
  open(sessionId, how = { isNew: false }) {
    if (sessionId !== sessionOf(this.#window.location.pathname)) {
      this.#window.history.pushState(newEntry(how.isNew), '', this.addressOf(sessionId));
    }

    this.#onOpen(sessionId, { ...how, isOurs: this.#isOurs });
  }

  /** @returns {string} the new session's id */
  openNew() {
    const sessionId = newId();
    this.open(sessionId, { isNew: true });
    return sessionId;
  }

  /** The session of this address is gone: "back" shall not lead to it. */
  replaceWithNew() {
    const sessionId = newId();
    this.#window.history.replaceState(newEntry(true), '', this.addressOf(sessionId));
    this.#onOpen(sessionId, { isNew: true, isOurs: true });
  }

  /** @param {string} sessionId @returns {string} */
  addressOf(sessionId) {
    return new URL(`chat/${sessionId}`, this.#window.document.baseURI).href;
  }
}

// Whether its session was made here is kept with it, so that a refresh knows it, too.
function newEntry(made = false) {
  return made ? { entry: newId(), made } : { entry: newId() };
}
