/**
 * A run as the API lists it.
 * @typedef {object} ListedRun
 * @property {string} session_id
 * @property {string} run_id
 * @property {string} agent_name
 * @property {'queued' | 'running' | 'waiting'} status
 * @property {number} [since]
 * @property {string} [worker]
 * @property {number} [attempt]
 * @property {boolean} cancel_requested
 * @property {string} [title]
 * @property {{ tool_call_id: string, tool_name: string, arguments?: object, expires_at: number }[]} [approvals]
 */

// What goes on in a run in sight comes over its socket; the list is for runs that begin elsewhere.
const BUSY_MS = 5_000;
const CALM_MS = 10_000;
const LONGEST_MS = 60_000;
// The server tells the same for two seconds.
const POKE_MS = 2_100;

/** The list of one's runs, asked for now and then while somebody looks. */
export class Board {
  #api;
  #timer = null;
  #looking = false;
  #failures = 0;
  #asking = false;
  #again = false;
  #listeners = [];
  /** @type {ListedRun[]} */
  runs = [];
  /** @type {{ tokens: number, cost?: number } | null} */
  today = null;
  hasMore = false;
  /** @type {'connecting' | 'live' | 'away'} */
  state = 'connecting';

  /** @param {{ api: import('../sessions/api.js').Api }} of */
  constructor({ api }) {
    this.#api = api;
  }

  /** @param {() => void} listener called when the list was read, or could not be */
  listen(listener) {
    this.#listeners.push(listener);
  }

  /** @param {boolean} looking whether anybody does */
  look(looking) {
    this.#looking = looking;
    clearTimeout(this.#timer);
    if (looking) {
      void this.refresh();
    }
  }

  /** Something has happened: soon, and once for all that happens meanwhile. */
  poke() {
    if (this.#looking) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.refresh(), POKE_MS);
    }
  }

  async refresh() {
    if (this.#asking) {
      this.#again = true;
      return;
    }

    this.#asking = true;
    this.#again = false;
    clearTimeout(this.#timer);
    try {
      const answer = await (await this.#api.ask('api/runs', { headers: { Accept: 'application/json' } })).json();
      this.runs = answer.runs ?? [];
      this.today = answer.spent_today ?? null;
      this.hasMore = Boolean(answer.next);
      this.state = 'live';
      this.#failures = 0;
    } catch (error) {
      console.warn(error);
      this.#failures += 1;
      this.state = 'away';
    }

    this.#asking = false;
    this.#listeners.forEach((listener) => listener());
    if (this.#looking) {
      const pause = (this.runs.length > 0 ? BUSY_MS : CALM_MS) * 2 ** Math.min(this.#failures, 6);
      this.#timer = setTimeout(() => this.refresh(), this.#again ? POKE_MS : Math.min(pause, LONGEST_MS));
    }
  }

  /** @param {ListedRun} run @returns {Promise<string>} empty where all is well, else a sentence */
  async stop({ session_id: session, run_id: run }) {
    return this.#do(`api/sessions/${session}/runs/${run}/cancel`, undefined, { 409: 'It is over already.', 404: 'It is over already.' });
  }

  /** @param {ListedRun} run @param {string} call @param {boolean} approved @returns {Promise<string>} empty where all is well */
  async answer({ session_id: session, run_id: run }, call, approved) {
    return this.#do(`api/sessions/${session}/runs/${run}/approvals/${call}`, { approved }, {
      409: 'Somebody has answered before.',
      404: 'Nothing waits for an answer any more.',
    });
  }

  async #do(path, body, sentences) {
    try {
      const { status } = await this.#api.ask(path, {
        method: 'POST',
        ...(body ? { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) } : {}),
      }, Object.keys(sentences).map(Number));
      this.poke();
      return sentences[status] ?? '';
    } catch (error) {
      console.warn(error);
      return 'That did not get through. Please try again.';
    }
  }
}
