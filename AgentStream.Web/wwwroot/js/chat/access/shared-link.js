import { fetchDownloads } from './downloads.js';
import { isGone } from './gone.js';
import { GuardedSocket } from './guarded-socket.js';

const SILENCE_MS = 15_000;
const SECRET = /^#(asl_[A-Za-z0-9_-]{43})$/;

/**
 * Takes the secret of a link out of the address, in which nothing is to stand that lasts. It stays with this entry of the tab's history,
 * so that a refresh, back and forward find it again.
 * @param {Window} browser
 * @returns {string | null} null: there is none
 */
export function takeSecret({ location, history }) {
  const given = SECRET.exec(location.hash)?.[1];
  if (given) {
    history.replaceState({ link: given }, '', location.pathname + location.search);
  }

  return given ?? history.state?.link ?? null;
}

/** What the page of a shared session asks with: the secret of its link, and tickets for sockets, which can show nothing else. */
export class SharedLink {
  #secret;

  usesTickets = true;

  /** What is told of a socket that the link opens no more. */
  over = { code: 4410, reason: 'the link is over' };

  /** The page's sockets. */
  WebSocket;

  /** @param {string} secret */
  constructor(secret) {
    this.#secret = secret;
    const link = this;
    this.WebSocket = class extends GuardedSocket {
      constructor(address, protocols) {
        super(link, address, protocols);
      }
    };
  }

  /** Has files come with the link, too. */
  fetchDownloads() {
    fetchDownloads(this);
  }

  /**
   * Asks as who has the link, whoever else may be signed in in this browser.
   * @param {URL} address
   * @param {RequestInit} options
   */
  fetch(address, options) {
    return fetch(address, {
      ...options,
      credentials: 'omit',
      headers: { ...options.headers, Authorization: `Bearer ${this.#secret}` },
    });
  }

  /** @returns {Promise<string>} what lets one request through, once and soon */
  async ticket() {
    const response = await this.#askForTicket();
    if (!response.ok) {
      throw new Error(`ticket answered ${response.status}`);
    }

    return response.text();
  }

  /** @returns {Promise<boolean>} whether the link is over; false where nobody can say */
  async isOver() {
    try {
      return (await this.#askForTicket()).status === 401;
    } catch {
      return false;
    }
  }

  /** @param {string} socket the address of a session's socket */
  isGone(socket) {
    return isGone(this, socket);
  }

  /** The page says it, by what becomes of its connection. */
  tell() {}

  #askForTicket() {
    return this.fetch(new URL('ticket', document.baseURI), { method: 'POST', signal: AbortSignal.timeout(SILENCE_MS) });
  }
}
