/** The links to sessions that somebody shares, as the API has them: asked for by those few who share one. */
export class Links {
  #api;

  /** @param {import('./api.js').Api} api */
  constructor(api) {
    this.#api = api;
  }

  /** @param {string} sessionId @returns {Promise<{ link_id: string, created_at: number, expires_at?: number }[]>} the newest first */
  async of(sessionId) {
    const response = await this.#api.ask(`api/sessions/${sessionId}/links`, { headers: { Accept: 'application/json' } });
    return (await response.json()).links;
  }

  /**
   * @param {string} sessionId
   * @param {number} seconds after which the link ends; 0: never
   * @returns {Promise<{ session_id: string, link_id: string, secret: string } | null>} null: there are too many
   */
  async add(sessionId, seconds) {
    const response = await this.#api.ask(`api/sessions/${sessionId}/links`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(seconds > 0 ? { expires_in: seconds } : {}),
    }, [409]);
    return response.ok ? response.json() : null;
  }

  /** @param {string} sessionId @param {string} linkId */
  async revoke(sessionId, linkId) {
    // One that is gone already is what was asked for.
    await this.#api.ask(`api/sessions/${sessionId}/links/${linkId}`, { method: 'DELETE' }, [404]);
  }
}
