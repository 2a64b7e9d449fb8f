import { fetchDownloads } from './downloads.js';
import { isGone } from './gone.js';
import { GuardedSocket } from './guarded-socket.js';

const SILENCE_MS = 15_000;
// What a proxy says of somebody it says with a request, and an open socket makes none.
const PROXY_MS = 2_000;
const PERSON = 'agentstream.person';
// Everything else in the storage is what one person wrote or was going to send.
const OF_EVERYBODY = /^agentstream\.(?:preference\.|person$)/;

/**
 * What the page of somebody who is signed in asks the API with: its cookie, or where that does not get there, tickets.
 * Only pages on which people sign in load this.
 */
export class SignedIn {
  /** `cookie` or `ticket` */
  #way;
  #token;
  #notice;

  /** The page's sockets. */
  WebSocket;

  /** @param {HTMLFormElement} account says who is signed in @param {Storage | null} storage */
  constructor(account, storage) {
    this.#way = account.dataset.access;
    this.#token = account.elements.namedItem('__RequestVerificationToken').value;
    this.#notice = document.getElementById('signed-out');
    keepOnlyOwn(storage, account.dataset.person);
    const signedIn = this;
    this.WebSocket = class extends GuardedSocket {
      constructor(address, protocols) {
        super(signedIn, address, protocols);
      }
    };
    if (this.usesTickets) {
      fetchDownloads(this);
    }

    if (account.dataset.knownBy === 'proxy') {
      this.#askTheProxyAgain();
    }
  }

  get usesTickets() {
    return this.#way === 'ticket';
  }

  /**
   * Asks the API as who is signed in.
   * @param {URL} address
   * @param {RequestInit} options
   */
  async fetch(address, options) {
    const response = await fetch(address, this.usesTickets
      ? { ...options, headers: { ...options.headers, Authorization: `Ticket ${await this.ticket()}` } }
      : { ...options, credentials: 'include' });
    if (response.status === 401) {
      this.tell();
    }

    return response;
  }

  /** @returns {Promise<string>} what lets one request through, once and soon */
  async ticket() {
    const response = await this.#askForTicket();
    if (!response.ok) {
      throw new Error(`ticket answered ${response.status}`);
    }

    return response.text();
  }

  /** @returns {Promise<boolean>} whether the sign-in is over; false where nobody can say */
  async isOver() {
    try {
      const { status } = await this.#askForTicket();
      return status === 401 || status === 400;
    } catch {
      return false;
    }
  }

  /**
   * @param {string} socket the address of a session's socket
   * @returns {Promise<boolean>} whether there is no such session for this person; false where nobody can say
   */
  isGone(socket) {
    return isGone(this, socket);
  }

  /** Says that the sign-in is over, and leads to another one. */
  tell() {
    const link = this.#notice.querySelector('a');
    const address = new URL('sign-in', document.baseURI);
    address.searchParams.set('return', location.pathname);
    link.href = address.href;
    this.#notice.hidden = false;
  }

  // While somebody looks. What its answer takes away, the servers see, and close what is open.
  #askTheProxyAgain() {
    setTimeout(async () => {
      const isOver = !document.hidden && await this.isOver();
      if (!isOver) {
        this.#askTheProxyAgain();
      }
    }, PROXY_MS);
  }

  async #askForTicket() {
    const response = await fetch(new URL('ticket', document.baseURI), {
      method: 'POST',
      headers: { RequestVerificationToken: this.#token },
      credentials: 'same-origin',
      signal: AbortSignal.timeout(SILENCE_MS),
    });
    // 400: somebody else is signed in by now, and this page is not theirs.
    if (response.status === 401 || response.status === 400) {
      this.tell();
    }

    return response;
  }
}

// Whoever signs in next in this browser is not shown what the one before had begun to write.
function keepOnlyOwn(storage, person) {
  try {
    const before = storage?.getItem(PERSON);
    if (before && before !== person) {
      Object.keys(storage).filter((key) => key.startsWith('agentstream.') && !OF_EVERYBODY.test(key))
        .forEach((key) => storage.removeItem(key));
    }

    storage?.setItem(PERSON, person);
  } catch {
    console.warn('The browser has no room to keep who is signed in.');
  }
}
