import { nextRefreshMs } from './refresh-policy.js';

/**
 * @typedef {object} SessionEntry
 * @property {string} session_id
 * @property {string} [title]
 * @property {number} updated_at Unix seconds
 * @property {boolean} busy
 * @property {'idle' | 'running' | 'waiting' | 'queued'} [state]
 */

// What happens in one moment (a run ends, its title comes, other tabs say the same) is asked for once.
const GATHER_MS = 300;
const LEAST_PAUSE_MS = 1_500;

/**
 * The list of sessions, kept fresh: by what this page sees itself, by what other tabs say, and by asking,
 * seldom and only while somebody looks.
 */
export class SessionList {
  #api;
  #clock;
  #onChange = () => {};
  #isVisible;
  /** @type {Map<string, SessionEntry>} */
  #entries = new Map();
  /** Renamed or deleted here while an answer that does not know it yet may be under way. */
  #deleted = new Set();
  /** What this page saw of sessions whose state the answer does not tell. @type {Map<string, SessionEntry['state']>} */
  #states = new Map();
  #query = '';
  #next = null;
  #timer = null;
  #lastAsked = -Infinity;
  #failures = 0;
  #round = 0;
  #currentId = null;
  status = 'loading';

  /**
   * @param {object} options
   * @param {{ sessions: Function, rename: Function, remove: Function }} options.api
   * @param {() => boolean} [options.isVisible]
   * @param {import('../../client/types.js').Clock} [options.clock]
   */
  constructor({ api, isVisible, clock }) {
    this.#api = api;
    this.#isVisible = isVisible ?? (() => document.visibilityState === 'visible');
    this.#clock = clock
      ?? { now: () => Date.now(), setTimeout: (action, ms) => setTimeout(action, ms), clearTimeout: (id) => clearTimeout(id) };
  }

  /** @param {() => void} onChange called whenever the list has changed */
  listen(onChange) {
    this.#onChange = onChange;
  }

  /** @returns {SessionEntry[]} the latest changed first */
  get entries() {
    return [...this.#entries.values()].sort((a, b) => b.updated_at - a.updated_at || (a.session_id < b.session_id ? -1 : 1));
  }

  get hasMore() {
    return this.#next !== null;
  }

  get query() {
    return this.#query;
  }

  /** @param {string} sessionId */
  get(sessionId) {
    return this.#entries.get(sessionId);
  }

  /** The session that is open needs no asking: its own connection tells. @param {string} sessionId */
  setCurrent(sessionId) {
    this.#currentId = sessionId;
    this.#schedule();
  }

  /** Asks now. */
  load() {
    return this.#ask();
  }

  /** Something has changed somewhere: ask soon. */
  poke() {
    this.#askIn(Math.max(GATHER_MS, this.#lastAsked + LEAST_PAUSE_MS - this.#clock.now()));
  }

  /** @param {string} text part of a title; empty for all */
  async search(text) {
    const query = text.trim();
    if (query !== this.#query) {
      this.#query = query;
      this.#entries.clear();
      this.#next = null;
      this.status = 'loading';
      this.#onChange();
      await this.#ask();
    }
  }

  /** The next page of the list. */
  async more() {
    if (this.#next === null) {
      return;
    }

    const round = this.#round;
    try {
      const page = await this.#api.sessions({ search: this.#query, pageToken: this.#next });
      if (round === this.#round) {
        this.#add(page.sessions);
        this.#next = page.next ?? null;
        this.#onChange();
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  /**
   * What this page knows better than the last answer.
   * @param {string} sessionId
   * @param {Partial<SessionEntry>} facts
   */
  note(sessionId, facts) {
    const entry = this.#entries.get(sessionId);
    const isNew = !entry;
    if (facts.busy) {
      // Somebody wrote to it after it was deleted: it has begun anew.
      this.#deleted.delete(sessionId);
    }

    if (isNew && (this.#query !== '' || this.#deleted.has(sessionId))) {
      return;
    }

    if (facts.state) {
      this.#states.set(sessionId, facts.state);
    }

    const title = entry?.title ?? facts.title;
    const changed = { session_id: sessionId, updated_at: this.#clock.now() / 1000, busy: false, ...entry, ...facts, title };
    if (isNew || ['title', 'busy', 'state', 'updated_at'].some((name) => changed[name] !== entry[name])) {
      this.#entries.set(sessionId, changed);
      this.#onChange();
    }
  }

  /** @param {string} sessionId @param {string} title @returns {Promise<boolean>} */
  async rename(sessionId, title) {
    const before = this.#entries.get(sessionId);
    this.#entries.set(sessionId, { ...before, title });
    this.#onChange();
    try {
      await this.#api.rename(sessionId, title);
      this.poke();
      return true;
    } catch (error) {
      console.warn(error);
      if (before && this.#entries.has(sessionId)) {
        this.#entries.set(sessionId, before);
        this.#onChange();
      }

      return false;
    }
  }

  /** @param {string} sessionId @returns {Promise<boolean>} */
  async remove(sessionId) {
    const before = this.#entries.get(sessionId);
    this.#deleted.add(sessionId);
    this.#entries.delete(sessionId);
    this.#onChange();
    try {
      await this.#api.remove(sessionId);
      return true;
    } catch (error) {
      console.warn(error);
      this.#deleted.delete(sessionId);
      if (before) {
        this.#entries.set(sessionId, before);
        this.#onChange();
      }

      return false;
    }
  }

  /** Another tab has deleted it. @param {string} sessionId */
  forget(sessionId) {
    this.#deleted.add(sessionId);
    if (this.#entries.delete(sessionId)) {
      this.#onChange();
    }
  }

  async #ask() {
    this.#cancelTimer();
    this.#round += 1;
    const round = this.#round;
    this.#lastAsked = this.#clock.now();
    try {
      const page = await this.#api.sessions({ search: this.#query });
      if (round === this.#round) {
        this.#failures = 0;
        this.status = 'ready';
        this.#replaceNewest(page.sessions ?? [], page.next ?? null);
        this.#onChange();
      }
    } catch (error) {
      if (round === this.#round) {
        this.#failed(error);
      }
    }

    if (round === this.#round) {
      this.#schedule();
    }
  }

  #failed(error) {
    console.warn('The list of sessions could not be loaded.', error);
    this.#failures += 1;
    this.status = 'failed';
    this.#onChange();
  }

  // The answer is the newest page: what is older than its end stays as it was, what is newer and not in it is gone.
  #replaceNewest(sessions, next) {
    const end = next === null ? -Infinity : sessions.at(-1)?.updated_at ?? -Infinity;
    const older = [...this.#entries.values()].filter(({ updated_at: at }) => at < end);
    this.#next = older.length > 0 ? this.#next : next;
    this.#entries = new Map(older.map((entry) => [entry.session_id, entry]));
    this.#add(sessions);
  }

  #add(sessions) {
    for (const session of sessions ?? []) {
      if (!this.#deleted.has(session.session_id)) {
        const state = session.state ?? (session.busy ? this.#states.get(session.session_id) : 'idle');
        this.#entries.set(session.session_id, state ? { ...session, state } : session);
      }
    }
  }

  #schedule() {
    const busyElsewhere = [...this.#entries.values()].some(({ busy, session_id: id }) => busy && id !== this.#currentId);
    const pause = nextRefreshMs({ visible: this.#isVisible(), busyElsewhere, failures: this.#failures });
    if (pause === null) {
      this.#cancelTimer();
    } else {
      this.#askIn(pause);
    }
  }

  #askIn(ms) {
    const due = this.#clock.now() + ms;
    if (this.#timer && this.#timer.due <= due) {
      return;
    }

    this.#cancelTimer();
    this.#timer = { due, id: this.#clock.setTimeout(() => this.#isVisible() ? this.#ask() : this.#cancelTimer(), ms) };
  }

  #cancelTimer() {
    if (this.#timer) {
      this.#clock.clearTimeout(this.#timer.id);
      this.#timer = null;
    }
  }
}
