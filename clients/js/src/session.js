import { socketAddress } from './connection/address.js';
import { pauseBefore } from './connection/backoff.js';
import { Outbox } from './connection/outbox.js';
import { Connection } from './connection/socket.js';
import { systemClock } from './connection/timers.js';
import { newId } from './ids.js';

/** @import { ChatPayload, Clock, ConnectionState, Frame, KeptText, OutboxEntry, Position, SocketConstructor } from './types.js' */

// How long a message waits that the server could not take just now.
const RETRY_MS = 3_000;

/** One session: what happens in it, each event once and in order, and what is to be sent, kept until the server has it. */
export class Session {
  #connection;
  #outbox;
  #clock;
  #random;
  #onFrame;
  #onConnection;

  /**
   * @param {object} options
   * @param {string | URL} [options.server] the API's address; needed where there is no `address`
   * @param {string} [options.sessionId] a new session if missing
   * @param {(position: Position | null) => string} [options.address] of the socket, where it is not below `server`
   * @param {Position | null} [options.position] goes on after this; missing: begins with a snapshot
   * @param {KeptText | null} [options.storage] keeps what is to be sent; missing: as long as this object
   * @param {(frame: Frame) => void} [options.onFrame] every frame
   * @param {(state: ConnectionState) => void} [options.onConnection]
   * @param {(entries: OutboxEntry[]) => void} [options.onOutbox] what is to be sent is something else now
   * @param {SocketConstructor} [options.WebSocket] that of the platform if missing
   * @param {Clock} [options.clock]
   * @param {() => number} [options.random]
   */
  constructor({ server, sessionId, address, position, storage, onFrame, onConnection, onOutbox, WebSocket, clock, random }) {
    this.sessionId = sessionId ?? newId();
    this.#clock = clock ?? systemClock;
    this.#random = random ?? Math.random;
    this.#onFrame = onFrame ?? (() => {});
    this.#onConnection = onConnection ?? (() => {});
    this.#outbox = new Outbox({ sessionId: this.sessionId, storage: storage ?? null, now: this.#clock.now, onChange: onOutbox });
    this.#connection = new Connection({
      address: address ?? ((after) => socketAddress(server, this.sessionId, after)),
      position,
      WebSocket,
      clock: this.#clock,
      random: this.#random,
      onFrame: (frame) => this.#receive(frame),
      onConnected: () => this.#sendWhatWaits(),
      onTooBig: () => this.#outbox.refuseWhatIsUnderWay('The message is too long for the server.'),
      onState: (state) => this.#connectionChanged(state),
    });
  }

  get connection() {
    return this.#connection.state;
  }

  /** How far the log has been read: what another session object goes on after. */
  get position() {
    return this.#connection.cursor;
  }

  get frameLog() {
    return this.#connection.frameLog;
  }

  /** What is to be sent, the oldest first. */
  get unsent() {
    return this.#outbox.entries();
  }

  /** @param {ChatPayload} payload @returns {string} the message's id */
  send(payload) {
    const messageId = this.#outbox.add(payload);
    this.#sendWhatWaits();
    return messageId;
  }

  /** @param {string} [runId] missing: the one under way @returns {boolean} false if there is no connection to send it over */
  cancel(runId) {
    return this.#connection.send({ type: 'cancel', payload: { run_id: runId } });
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

  connect() {
    this.#connection.connect();
  }

  disconnect() {
    this.#connection.disconnect();
  }

  /** Ends the pause before the next attempt. */
  reconnectNow() {
    this.#connection.reconnectNow();
  }

  /** The network has come back, or the computer woke up: connects at once, or makes sure that the socket is still alive. */
  wakeUp() {
    this.#connection.wakeUp();
  }

  /** Something speaks against this connection: the server is asked, and nothing is sent until it has answered. */
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

  /** @param {Frame} frame */
  #receive(frame) {
    this.#onFrame(frame);
    switch (frame.type) {
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
          this.#clock.setTimeout(() => this.#sendWhatWaits(), RETRY_MS + pauseBefore(2, this.#random));
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
  }

  #sendWhatWaits() {
    this.#outbox.flush((frame) => this.#connection.send(frame));
  }

  #connectionChanged(state) {
    if (state.status !== 'connected') {
      this.#outbox.connectionLost();
    }

    this.#onConnection(state);
  }
}
