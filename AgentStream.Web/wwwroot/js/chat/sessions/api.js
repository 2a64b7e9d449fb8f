import { socketAddress } from '../../client/session.js';

// A proxy whose server is gone may accept a request and stay silent for ever.
const SILENCE_MS = 15_000;

/** Where the API is, and the little that the page asks of it over HTTP. */
export class Api {
  #base;
  #net;

  /**
   * @param {string} base the API's address; empty for the page's own origin
   * @param {{ fetch: typeof fetch, WebSocket: typeof WebSocket }} [net] asks as who is signed in
   */
  constructor(base, net) {
    this.#net = net ?? globalThis;
    this.#base = new URL(base || '.', document.baseURI);
    if (!this.#base.pathname.endsWith('/')) {
      this.#base.pathname += '/';
    }
  }

  /**
   * @param {string} sessionId
   * @param {{ epoch: string, lastSeq: number } | null} cursor
   * @returns {string}
   */
  socketAddress(sessionId, cursor) {
    return socketAddress(this.#base, sessionId, cursor);
  }

  get WebSocket() {
    return this.#net.WebSocket;
  }

  /** @returns {Promise<{ name: string, description?: string }[]>} */
  async agents() {
    const agents = await this.#get('api/agents');
    return Array.isArray(agents) ? agents : [];
  }

  /**
   * @param {string} sessionId
   * @param {number} before the offset of the earliest message that is here
   * @returns {Promise<{ messages: object[], has_more: boolean }>}
   */
  earlier(sessionId, before) {
    return this.#get(`api/sessions/${sessionId}?before=${before}`);
  }

  /**
   * @param {{ search?: string, pageToken?: string | null }} page
   * @returns {Promise<{ sessions: object[], next?: string }>} the latest changed first
   */
  sessions({ search, pageToken } = {}) {
    const query = new URLSearchParams();
    if (search) {
      query.set('search', search);
    }

    if (pageToken) {
      query.set('page_token', pageToken);
    }

    return this.#get(`api/sessions${query.size > 0 ? `?${query}` : ''}`);
  }

  /**
   * @param {string} sessionId
   * @param {'markdown' | 'json'} format
   * @returns {string} where the whole session is available as a file
   */
  exportAddress(sessionId, format) {
    return new URL(`api/sessions/${sessionId}/export?format=${format}`, this.#base).href;
  }

  /** @param {string} sessionId @param {string} title 1 to 200 characters */
  async rename(sessionId, title) {
    await this.ask(`api/sessions/${sessionId}`,
      { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ title }) });
  }

  /** @param {string} sessionId */
  async remove(sessionId) {
    // One that is gone already is what was asked for.
    await this.ask(`api/sessions/${sessionId}`, { method: 'DELETE' }, [404]);
  }

  async #get(path) {
    const response = await this.ask(path, { headers: { Accept: 'application/json' } });
    return response.json();
  }

  async ask(path, options, accepted = []) {
    const response = await this.#net.fetch(new URL(path, this.#base), { ...options, signal: AbortSignal.timeout(SILENCE_MS) });
    if (!response.ok && !accepted.includes(response.status)) {
      throw new Error(`${path} answered ${response.status}`);
    }

    return response;
  }
}
