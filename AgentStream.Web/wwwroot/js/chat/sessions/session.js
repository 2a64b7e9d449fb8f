import { Session } from '../../client/session.js';
import { setServerTime } from '../browser/server-clock.js';
import { Store } from '../state/store.js';

/** @import { ConnectionState, Frame, State } from '../../client/types.js' */
/** @import { ChangeSet } from '../state/store.js' */

/**
 * What shows a session.
 * @typedef {object} Viewer
 * @property {(state: State, changes: ChangeSet) => void} render
 * @property {(connection: ConnectionState, state: State) => void} showConnection
 */

/**
 * One session as this page knows it: its connection, what waits to be sent, and its state. It can be left and come back to: what it has
 * learned stays, and the connection goes on after the last offset.
 */
export class ChatSession extends Session {
  #store;
  #api;
  #onFrame;
  /** @type {Viewer | null} null: nobody looks at it */
  #viewer = null;

  /**
   * @param {object} options
   * @param {string} options.sessionId
   * @param {import('./api.js').Api} options.api
   * @param {Storage | null} options.storage
   * @param {(session: ChatSession, frame: Frame) => void} options.onFrame called whether or not somebody looks
   */
  constructor({ sessionId, api, storage, onFrame }) {
    super({
      sessionId,
      storage,
      address: (cursor) => api.socketAddress(sessionId, cursor),
      WebSocket: api.WebSocket,
      onFrame: (frame) => this.#receive(frame),
      onConnection: (state) => this.#viewer?.showConnection(state, this.state),
      onOutbox: (entries) => this.#outboxChanged(entries),
    });
    this.#api = api;
    this.#onFrame = onFrame;
    this.#store = new Store({
      sessionId,
      render: (state, changes) => this.#viewer?.render(state, changes),
    });
    this.#store.dispatch({ type: 'local/outbox', entries: this.unsent });
  }

  get state() {
    return this.#store.state;
  }

  /** Somebody looks at it: it is connected, and what happens is shown. @param {Viewer} viewer */
  enter(viewer) {
    this.#viewer = viewer;
    this.connect();
  }

  /** Nobody looks at it any more. What was written and has not arrived still goes out; then the connection is closed. */
  leave() {
    this.#viewer = null;
    this.#closeIfDone();
  }

  /** @param {string} runId */
  cancel(runId) {
    if (super.cancel(runId)) {
      this.#store.dispatch({ type: 'local/cancelling', run_id: runId });
      return true;
    }

    this.notify('offline', 'There is no connection just now: nothing was cancelled.');
    return false;
  }

  dismiss(id) {
    this.#store.dispatch({ type: 'local/dismiss', id });
  }

  notify(code, message) {
    this.#store.dispatch({ type: 'local/notice', code, message });
  }

  async loadEarlier() {
    const first = this.state.runs.values().next().value;
    try {
      const page = await this.#api.earlier(this.sessionId, first?.seq ?? 0);
      this.#store.dispatch({ type: 'local/earlier', messages: page.messages ?? [], has_more: page.has_more ?? false });
    } catch (error) {
      console.warn(error);
      this.notify('earlier', 'The earlier messages could not be loaded. Please try again.');
    }
  }

  /** @param {Frame} frame */
  #receive(frame) {
    this.#store.dispatch(frame);
    if (frame.type === 'connected') {
      setServerTime(frame.data.server_time);
    }

    this.#onFrame(this, frame);
  }

  #outboxChanged(entries) {
    this.#store.dispatch({ type: 'local/outbox', entries });
    this.#closeIfDone();
  }

  #closeIfDone() {
    const isDone = this.unsent.every(({ status }) => status === 'refused');
    if (this.#viewer === null && this.connection.status !== 'disconnected' && isDone) {
      this.disconnect();
    }
  }
}
