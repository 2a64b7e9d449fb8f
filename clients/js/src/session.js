import { pauseBefore } from './connection/backoff.js';
import { Outbox } from './connection/outbox.js';
import { Connection } from './connection/socket.js';
import { systemClock } from './connection/timers.js';
import { newId } from './ids.js';

// How long a message waits that the server could not take just now.
const RETRY_MS = 3_000;

/** The address of a session's socket, below that of the API. */
export function socketAddress(server, sessionId, position) {
  const base = new URL(server);
  base.pathname = base.pathname.replace(/\/?$/, '/');
  const address = new URL(`ws/chat/${sessionId}`, base);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  if (position) {
    address.searchParams.set('after', String(position.lastSeq));
    if (position.epoch !== undefined) {
      address.searchParams.set('epoch', position.epoch);
    }
  }

  return address.href;
}

/**
 * One session: what happens in it, each event once and in order, and what is to be sent, kept until the server has it.
 * What its members mean and take stands in index.d.ts.
 */
export class Session {
  #connection;
  #outbox;
  #tools;
  #clock;
  #random;
  #onFrame;
  #onConnection;

  constructor({ server, sessionId, address, position, storage, tools, onFrame, onConnection, onOutbox, WebSocket, clock, random }) {
    this.sessionId = sessionId ?? newId();
    this.#clock = clock ?? systemClock;
    this.#random = random ?? Math.random;
    this.#onFrame = onFrame ?? (() => {});
    this.#onConnection = onConnection ?? (() => {});
    this.#tools = tools ?? null;
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

  get position() {
    return this.#connection.cursor;
  }

  get frameLog() {
    return this.#connection.frameLog;
  }

  get unsent() {
    return this.#outbox.entries();
  }

  send(payload) {
    const messageId = this.#outbox.add(this.#tools ? { tools: this.#tools.declared, ...payload } : payload);
    this.#sendWhatWaits();
    return messageId;
  }

  cancel(runId) {
    return this.#connection.send({ type: 'cancel', payload: { run_id: runId } });
  }

  answerApproval(runId, toolCallId, answer) {
    return this.#connection.send({ type: 'tool_approval', payload: { run_id: runId, tool_call_id: toolCallId, ...answer } });
  }

  giveResult(runId, toolCallId, result, isError = false) {
    const payload = { run_id: runId, tool_call_id: toolCallId, result, ...(isError ? { is_error: true } : {}) };
    return this.#connection.send({ type: 'tool_result', payload });
  }

  discard(messageId) {
    this.#outbox.settle(messageId);
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

  storageChanged(key) {
    this.#outbox.storageChanged(key);
  }

  #receive(frame) {
    this.#onFrame(frame);
    this.#tools?.receive(frame, () => this.#sendWhatWaits());
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
    this.#tools?.flush((frame) => this.#connection.send(frame));
  }

  #connectionChanged(state) {
    if (state.status !== 'connected') {
      this.#outbox.connectionLost();
      this.#tools?.takeBack();
    }

    this.#onConnection(state);
  }
}
