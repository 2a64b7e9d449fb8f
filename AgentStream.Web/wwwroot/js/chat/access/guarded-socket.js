// Nothing is to be gained by coming back after these: a sign-in that is over, a session that is somebody else's.
const SIGNED_OUT = { code: 4401, reason: 'signed out' };
const GONE = { code: 4404, reason: 'nothing is here' };
const LOST = { code: 1006, reason: '' };
// What these say of a socket that ends is said here, and later: when the reason is known.
const OWN = ['close', 'error'];

/**
 * A WebSocket of somebody who is signed in, or has a link. It gets its ticket before it opens, where one is needed; and where it could
 * not be opened, which a browser tells nobody the reason of, it finds out the reason.
 */
export class GuardedSocket {
  #signedIn;
  #address;
  /** @type {WebSocket | null} */
  #socket = null;
  #wasOpen = false;
  #isClosed = false;
  /** @type {[string, (event: any) => void][]} */
  #listeners = [];

  /**
   * @param {import('./signed-in.js').SignedIn | import('./shared-link.js').SharedLink} signedIn
   * @param {string} address
   * @param {string[]} [protocols]
   */
  constructor(signedIn, address, protocols) {
    this.#signedIn = signedIn;
    this.#address = address;
    if (signedIn.usesTickets) {
      void this.#openWithTicket(new URL(address), protocols);
    } else {
      this.#open(address, protocols);
    }
  }

  get protocol() {
    return this.#socket?.protocol ?? '';
  }

  get readyState() {
    return this.#isClosed ? WebSocket.CLOSED : this.#socket?.readyState ?? WebSocket.CONNECTING;
  }

  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** @param {string} type @param {(event: any) => void} listener */
  addEventListener(type, listener) {
    this.#listeners.push([type, listener]);
    if (!OWN.includes(type)) {
      this.#socket?.addEventListener(type, listener);
    }
  }

  send(data) {
    this.#socket?.send(data);
  }

  close(code, reason) {
    this.#isClosed = true;
    this.#socket?.close(code, reason);
  }

  async #openWithTicket(address, protocols) {
    try {
      address.searchParams.set('ticket', await this.#signedIn.ticket());
    } catch {
      await this.#ended(LOST);
      return;
    }

    if (!this.#isClosed) {
      this.#open(address.href, protocols);
    }
  }

  #open(address, protocols) {
    const socket = new WebSocket(address, protocols ?? []);
    this.#socket = socket;
    socket.addEventListener('open', () => { this.#wasOpen = true; });
    socket.addEventListener('close', (event) => void this.#ended(event));
    for (const [type, listener] of this.#listeners) {
      if (!OWN.includes(type)) {
        socket.addEventListener(type, listener);
      }
    }
  }

  async #ended({ code, reason }) {
    const end = this.#wasOpen || this.#isClosed ? { code, reason } : await this.#reason();
    const isOver = end.code === SIGNED_OUT.code;
    if (isOver) {
      this.#signedIn.tell();
    }

    this.#isClosed = true;
    const told = isOver ? this.#signedIn.over ?? SIGNED_OUT : end;
    this.#listeners.filter(([type]) => type === 'close').forEach(([, listener]) => listener(told));
  }

  async #reason() {
    if (await this.#signedIn.isOver()) {
      return SIGNED_OUT;
    }

    return await this.#signedIn.isGone(this.#address) ? GONE : LOST;
  }
}
