import { newId } from '../ids.js';
import { newTraceparent } from './trace-context.js';

/** Codes with which a server says "not now" instead of "not this". */
const NOT_NOW = new Set(['store_unavailable', 'internal_error']);

/**
 * What was written and is not known to have arrived. It is kept per session in a storage, one key a message, so that several
 * tabs can add and remove without overwriting each other; that two tabs may send the same message does no harm, its id is the same.
 * What its members mean and take stands in index.d.ts.
 */
export class Outbox {
  #prefix;
  #storage;
  #now;
  #onChange;
  /** @type {Set<string>} sent over the present connection and not answered yet */
  #sent = new Set();
  // Where the browser gives no storage (or has none left), messages live as long as the page.
  #memory = new Map();

  constructor({ sessionId, storage, now, onChange }) {
    this.#prefix = `agentstream.outbox.${sessionId}.`;
    this.#storage = storage;
    this.#now = now ?? (() => Date.now());
    this.#onChange = onChange ?? (() => {});
  }

  add(payload) {
    const messageId = newId();
    this.#write({
      message_id: messageId,
      payload: { traceparent: newTraceparent(), ...payload, message_id: messageId },
      created_at: this.#nextMoment(),
    });
    this.#changed();
    return messageId;
  }

  entries() {
    return this.#read().map((entry) => ({
      ...entry,
      status: entry.refused ? 'refused' : this.#sent.has(entry.message_id) ? 'sent' : 'waiting',
      reason: entry.refused,
    }));
  }

  flush(send) {
    let any = false;
    for (const entry of this.#read()) {
      if (entry.refused || this.#sent.has(entry.message_id)) {
        continue;
      }

      if (!send({ type: 'chat', payload: entry.payload })) {
        break;
      }

      this.#sent.add(entry.message_id);
      any = true;
    }

    if (any) {
      this.#changed();
    }
  }

  settle(messageId) {
    this.#sent.delete(messageId);
    if (this.#remove(messageId)) {
      this.#changed();
    }
  }

  reject(messageId, code, reason) {
    this.#sent.delete(messageId);
    const entry = this.#read().find((candidate) => candidate.message_id === messageId);
    const again = NOT_NOW.has(code);
    if (entry && !again) {
      this.#write({ ...entry, refused: reason });
    }

    this.#changed();
    return again;
  }

  /** Whatever was under way may be lost with the connection: it waits again. */
  connectionLost() {
    if (this.#sent.size > 0) {
      this.#sent.clear();
      this.#changed();
    }
  }

  /** The connection was closed because of the size of what was sent: sent again it would be closed again. */
  refuseWhatIsUnderWay(reason) {
    for (const entry of this.#read().filter((candidate) => this.#sent.has(candidate.message_id))) {
      this.#write({ ...entry, refused: reason });
    }

    this.#sent.clear();
    this.#changed();
  }

  storageChanged(key) {
    if (key === null || key.startsWith(this.#prefix)) {
      this.#changed();
    }
  }

  #changed() {
    this.#onChange(this.entries());
  }

  // Two messages of the same millisecond keep their order.
  #nextMoment() {
    const newest = this.#read().at(-1)?.created_at ?? 0;
    return Math.max(this.#now(), newest + 1);
  }

  #read() {
    const entries = [...this.#memory.values()];
    for (const [key, text] of this.#stored()) {
      try {
        const entry = JSON.parse(text);
        if (typeof entry?.payload?.message === 'string' && key === this.#prefix + entry.message_id) {
          entries.push(entry);
        }
      } catch {
        // Not written by this page; it is left alone.
        continue;
      }
    }

    return entries.sort((a, b) => a.created_at - b.created_at);
  }

  #stored() {
    if (!this.#storage) {
      return [];
    }

    const found = [];
    for (let i = 0; i < this.#storage.length; i += 1) {
      const key = this.#storage.key(i);
      if (key?.startsWith(this.#prefix)) {
        found.push([key, this.#storage.getItem(key)]);
      }
    }

    return found;
  }

  #write(entry) {
    if (this.#storage) {
      try {
        this.#storage.setItem(this.#prefix + entry.message_id, JSON.stringify(entry));
        this.#memory.delete(entry.message_id);
        return;
      } catch {
        console.warn('The browser has no room to keep unsent messages; they last as long as this page.');
      }
    }

    this.#memory.set(entry.message_id, entry);
  }

  #remove(messageId) {
    const inMemory = this.#memory.delete(messageId);
    const key = this.#prefix + messageId;
    const stored = this.#storage?.getItem(key) != null;
    if (stored) {
      this.#storage.removeItem(key);
    }

    return inMemory || stored;
  }
}
