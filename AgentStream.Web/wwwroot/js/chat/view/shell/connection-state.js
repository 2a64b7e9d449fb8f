import { connectionAnnouncement, connectionWords } from '../../words/connection-words.js';
import { counted } from '../../words/format.js';
import { setText } from '../elements/dom.js';

/** @import { ConnectionState, State } from '../../../client/types.js' */

const TICK_MS = 500;
// Long enough to be seen by somebody who has just looked up.
const CAUGHT_UP_MS = 4_000;

/** Says in words how the connection is, counts down to the next attempt, and says what waits to be sent. */
export class ConnectionView {
  #parts;
  #actions;
  /** @type {ConnectionState} */
  #connection = { status: 'disconnected' };
  #waiting = 0;
  #ticker = null;
  #calm = null;
  #announced = '';

  /**
   * @param {{ box: HTMLElement, words: HTMLElement, now: HTMLButtonElement }} parts
   * @param {{ reconnectNow: () => void, announce: (text: string) => void, onChange: (connection: ConnectionState) => void }} actions
   */
  constructor(parts, actions) {
    this.#parts = parts;
    this.#actions = actions;
    parts.now.addEventListener('click', actions.reconnectNow);
  }

  /** @param {ConnectionState} connection @param {State} state */
  show(connection, state) {
    this.#connection = connection;
    this.#parts.box.dataset.state = connection.status;
    this.#parts.now.hidden = connection.status !== 'reconnecting';
    this.#count(connection.status === 'reconnecting');
    this.#calmDown(connection);
    this.#actions.onChange(connection);
    this.#announce(connection);
    this.showWaiting(state);
  }

  /** What waits to be sent is others now. @param {State} state */
  showWaiting(state) {
    this.#waiting = [...state.pending.values()].filter(({ status }) => status === 'waiting').length;
    this.#tick();
  }

  #announce(connection) {
    const words = connectionAnnouncement(connection, { online: navigator.onLine !== false });
    if (words && words !== this.#announced) {
      this.#announced = words;
      this.#actions.announce(words);
    }
  }

  #calmDown(connection) {
    clearTimeout(this.#calm);
    if (connection.caughtUp !== undefined) {
      this.#calm = setTimeout(() => {
        this.#connection = { ...connection, caughtUp: undefined };
        this.#tick();
      }, CAUGHT_UP_MS);
    }
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
    setText(this.#parts.words, connectionWords(this.#connection, { now: Date.now(), online: navigator.onLine !== false }) + waiting);
  }
}
