import { setServerTime } from '../browser/server-clock.js';
import { pauseBefore } from '../connection/backoff.js';
import { Outbox } from '../connection/outbox.js';
import { Connection } from '../connection/socket.js';
import { Store } from '../state/store.js';

/** @import { ConnectionState, Frame, State } from '../types.js' */
/** @import { ChangeSet } from '../state/store.js' */

/**
 * What shows a session.
 * @typedef {object} Viewer
 * @property {(state: State, changes: ChangeSet) => void} render
 * @property {(connection: ConnectionState, state: State) => void} showConnection
 */

// How long a message waits that the server could not take just now.
const RETRY_MS = 3_000;

/**
 * One session as this page knows it: its connection, what waits to be sent, and its state. It can be left and come back to: what it has
 * learned stays, and the connection goes on after the last offset.
 */
export class ChatSession {
  #outbox;
  #connection;
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
    this.sessionId = sessionId;
    this.#api = api;
    this.#onFrame = onFrame;
    this.#store = new Store({
      sessionId,
      render: (state, changes) => this.#viewer?.render(state, changes),
    });
    this.#outbox = new Outbox({ sessionId, storage, onChange: (entries) => this.#outboxChanged(entries) });
    this.#connection = new Connection({
      address: (cursor) => api.socketAddress(sessionId, cursor),
      WebSocket: api.WebSocket,
      onFrame: (frame) => this.#receive(frame),
      onConnected: () => this.#sendWhatWaits(),
      onTooBig: () => this.#outbox.refuseWhatIsUnderWay('The message is too long for the server.'),
      onState: (state) => this.#connectionChanged(state),
    });
    this.#store.dispatch({ type: 'local/outbox', entries: this.#outbox.entries() });
  }

  get state() {
    return this.#store.state;
  }

  get connection() {
    return this.#connection.state;
  }

  get frameLog() {
    return this.#connection.frameLog;
  }

  get cursor() {
    return this.#connection.cursor;
  }

  /** Somebody looks at it: it is connected, and what happens is shown. @param {Viewer} viewer */
  enter(viewer) {
    this.#viewer = viewer;
    this.#connection.connect();
  }

  /** Nobody looks at it any more. What was written and has not arrived still goes out; then the connection is closed. */
  leave() {
    this.#viewer = null;
    this.#closeIfDone();
  }

  /** @param {object} payload of the chat frame @returns {string} the message's id */
  send(payload) {
    const messageId = this.#outbox.add(payload);
    this.#sendWhatWaits();
    return messageId;
  }

  /** @param {string} runId */
  cancel(runId) {
    if (this.#connection.send({ type: 'cancel', payload: { run_id: runId } })) {
      this.#store.dispatch({ type: 'local/cancelling', run_id: runId });
      return true;
    }

    this.notify('offline', 'There is no connection just now: nothing was cancelled.');
    return false;
  }

  /**
   * @param {string} runId
   * @param {string} toolCallId
   * @param {{ approved: boolean, reason?: string, arguments?: object }} answer
   * @returns {boolean} false if there is no connection to send it over
   */
  answerApproval(runId, toolCallId, answer) {
    return this.#connection.send({ type: 'tool_approval', payload: { run_id: runId, tool_call_id: toolCallId, ...answer } });
  }

  /** @param {string} messageId of a message that has not left yet, or was refused */
  discard(messageId) {
    this.#outbox.settle(messageId);
  }

  dismiss(id) {
    this.#store.dispatch({ type: 'local/dismiss', id });
  }

  notify(code, message) {
    this.#store.dispatch({ type: 'local/notice', code, message });
  }

  connect() {
    this.#connection.connect();
  }

  disconnect() {
    this.#connection.disconnect();
  }

  reconnectNow() {
    this.#connection.reconnectNow();
  }

  wakeUp() {
    this.#connection.wakeUp();
  }

  doubt() {
    this.#connection.doubt();
  }

  ping() {
    this.#connection.send({ type: 'ping' });
  }

  /** @param {string | null} key of a storage event */
  storageChanged(key) {
    this.#outbox.storageChanged(key);
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
    switch (frame.type) {
      case 'connected':
        setServerTime(frame.data.server_time);
        break;
      case 'accepted':
      case 'run_queued':
        this.#outbox.settle(frame.data.message_id);
        break;
      case 'snapshot':
      case 'resync':
        for (const message of frame.data.messages ?? []) {
          this.#outbox.settle(message.message_id);
        }

        break;
      case 'error':
        if (frame.data.message_id && this.#outbox.reject(frame.data.message_id, frame.data.code, frame.data.message)) {
          setTimeout(() => this.#sendWhatWaits(), RETRY_MS + pauseBefore(2, Math.random));
        }

        break;
      case 'status':
      case 'heartbeat':
        // What another tab could not send, or what the server could not take a moment ago.
        this.#sendWhatWaits();
        break;
      default:
        break;
    }

    this.#onFrame(this, frame);
  }

  #sendWhatWaits() {
    this.#outbox.flush((frame) => this.#connection.send(frame));
  }

  #outboxChanged(entries) {
    this.#store.dispatch({ type: 'local/outbox', entries });
    this.#closeIfDone();
  }

  #connectionChanged(connection) {
    if (connection.status !== 'connected') {
      this.#outbox.connectionLost();
    }

    this.#viewer?.showConnection(connection, this.state);
  }

  #closeIfDone() {
    const isDone = this.#outbox.entries().every(({ status }) => status === 'refused');
    if (this.#viewer === null && this.#connection.state.status !== 'disconnected' && isDone) {
      this.#connection.disconnect();
    }
  }
}
