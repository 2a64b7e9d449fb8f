/** Shows the session that the address names, and brings its reader back to where they were in it. */
export class Navigation {
  #router;
  #places;
  #list;
  #sessions;
  #page;
  /** @type {string | null} the entry of the history in which the reader is */
  #entry = null;

  /**
   * @param {object} on
   * @param {import('./router.js').Router} on.router
   * @param {import('./places.js').Places} on.places
   * @param {import('../sessions/session-list.js').SessionList} on.list
   * @param {import('../sessions/open-sessions.js').OpenSessions} on.sessions
   * @param {import('../page.js').Page} on.page
   */
  constructor({ router, places, list, sessions, page }) {
    this.#router = router;
    this.#places = places;
    this.#list = list;
    this.#sessions = sessions;
    this.#page = page;
  }

  /** Opens what the address names, now and whenever it names something else. */
  start() {
    window.addEventListener('pagehide', () => this.#keepPlace());
    this.#router.start((sessionId, how) => this.#enter(sessionId, how));
  }

  #enter(sessionId, { isNew, isOurs }) {
    const wasAt = this.#entry;
    this.#keepPlace();
    this.#entry = this.#router.entry;
    const place = this.#places.get(this.#entry);
    if (this.#sessions.current?.sessionId !== sessionId) {
      const session = this.#sessions.open(sessionId);
      this.#list.setCurrent(sessionId);
      this.#page.enter(session, { isNew, isOurs, place });
      return;
    }

    if (this.#entry !== wasAt) {
      this.#page.goBackTo(place);
    }

    this.#page.drawer.done();
  }

  #keepPlace() {
    if (this.#entry !== null) {
      this.#places.set(this.#entry, this.#page.place);
    }
  }
}
