/** Fakes of what a browser has: time, sockets, storage. */

export class FakeClock {
  #now = 1_000_000;
  #timers = new Map();
  #lastId = 0;

  now = () => this.#now;

  setTimeout = (action, ms) => {
    this.#lastId += 1;
    this.#timers.set(this.#lastId, { due: this.#now + ms, action });
    return this.#lastId;
  };

  clearTimeout = (id) => this.#timers.delete(id);

  get pending() {
    return this.#timers.size;
  }

  /** Lets time pass; what falls due happens at its own moment, in order. */
  advance(ms) {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].filter(([, { due }]) => due <= end).sort(([, a], [, b]) => a.due - b.due)[0];
      if (!next) {
        this.#now = end;
        return;
      }

      const [id, { due, action }] = next;
      this.#timers.delete(id);
      this.#now = due;
      action();
    }
  }
}

/** A WebSocket class whose instances are listed in `made`. */
export function fakeWebSocket() {
  return class FakeWebSocket extends EventTarget {
    static made = [];
    static get last() {
      return this.made.at(-1);
    }

    sent = [];
    closedWith = null;

    constructor(address, protocols) {
      super();
      this.protocols = protocols;
      this.address = new URL(address);
      this.constructor.made.push(this);
    }

    send(text) {
      this.sent.push(JSON.parse(text));
    }

    close(code) {
      this.closedWith = code;
    }

    /** The server sends a frame. */
    receive(frame) {
      const event = new Event('message');
      event.data = typeof frame === 'string' ? frame : JSON.stringify(frame);
      this.dispatchEvent(event);
    }

    /** The server, or the network, closes. */
    end(code, reason = '') {
      const event = new Event('close');
      Object.assign(event, { code, reason });
      this.dispatchEvent(event);
    }
  };
}

/** The part of Storage that is used; several tabs may share one. */
export class FakeStorage {
  #items = new Map();
  full = false;

  get length() {
    return this.#items.size;
  }

  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, text) {
    if (this.full) {
      throw new Error('QuotaExceededError');
    }

    this.#items.set(key, text);
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}
