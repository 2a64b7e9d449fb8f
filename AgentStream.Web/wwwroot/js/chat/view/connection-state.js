import { setText } from './dom.js';
import { counted } from './format.js';

/** @import { ConnectionState, State } from '../types.js' */

const TICK_MS = 500;

/** Says in words how the connection is, counts down to the next attempt, and connects and disconnects. */
export class ConnectionView {
  #parts;
  #actions;
  /** @type {ConnectionState} */
  #connection = { status: 'disconnected' };
  #waiting = 0;
  #ticker = null;

  constructor(parts, actions) {
    this.#parts = parts;
    this.#actions = actions;
    parts.now.addEventListener('click', actions.reconnectNow);
    parts.toggle.addEventListener('click', () => (this.#isOff() ? actions.connect() : actions.disconnect()));
  }

  /** @param {ConnectionState} connection @param {State} state */
  show(connection, state) {
    const changed = connection.status !== this.#connection.status;
    this.#connection = connection;
    this.#waiting = [...state.pending.values()].filter(({ status }) => status === 'waiting').length;
    this.#parts.box.dataset.state = connection.status;
    this.#parts.now.hidden = connection.status !== 'reconnecting';
    setText(this.#parts.toggle, this.#isOff() ? 'Connect' : 'Disconnect');
    this.#tick();
    this.#count(connection.status === 'reconnecting');
    if (changed) {
      this.#actions.onChange(connection);
      // Told once a change; the seconds that count down are not.
      if (connection.status !== 'connecting') {
        this.#actions.announce(announcement(connection));
      }
    }
  }

  #isOff() {
    return this.#connection.status === 'disconnected' || this.#connection.status === 'refused';
  }

  #count(wanted) {
    if (wanted && this.#ticker === null) {
      this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    } else if (!wanted && this.#ticker !== null) {
      clearInterval(this.#ticker);
      this.#ticker = null;
    }
  }

  #tick() {
    const waiting = this.#waiting > 0 ? ` · ${counted(this.#waiting, 'message waits', 'messages wait')}` : '';
    setText(this.#parts.words, words(this.#connection) + waiting);
  }
}

function words(connection) {
  switch (connection.status) {
    case 'connecting': return 'Connecting';
    case 'connected': return 'Connected';
    case 'disconnected': return 'Disconnected by you';
    case 'refused': return refusal(connection);
    default: {
      const seconds = Math.max(0, Math.ceil((connection.retryAt - Date.now()) / 1000));
      const offline = navigator.onLine === false ? 'Offline, trying again' : 'Reconnecting';
      return seconds > 0 ? `${offline} in ${seconds} s` : offline;
    }
  }
}

function announcement(connection) {
  switch (connection.status) {
    case 'connected': return 'Connected';
    case 'disconnected': return 'Disconnected by you';
    case 'refused': return refusal(connection);
    default: return 'Connection lost, reconnecting';
  }
}

function refusal({ code, reason }) {
  return `Refused by the server${reason ? `: ${reason}` : code ? ` (${code})` : ''}`;
}
