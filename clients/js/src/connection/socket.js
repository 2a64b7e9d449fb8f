import { systemClock, Timers } from './timers.js';
import { pauseBefore } from './backoff.js';
import { mayReconnect, MESSAGE_TOO_BIG, NORMAL } from './close-codes.js';
import { Cursor } from './cursor.js';
import { FrameLog } from './frame-log.js';
import { Missed } from './missed.js';
import { ShortFrames, SUB_PROTOCOLS } from './short-frames.js';
import { Watchdog } from './watchdog.js';

/** @import { ConnectionState, SocketConstructor } from '../types.js' */

const CONNECT_TIMEOUT_MS = 15_000;
// A heartbeat may overtake entries that are still being gathered for us.
const CATCH_UP_MS = 5_000;
const STABLE_AFTER_MS = 10_000;
// A browser says right after an error that the socket is closed. Node up to 22 doesn't where it never was open.
const CLOSE_AFTER_ERROR_MS = 100;
const LOST = 1006;

/**
 * One session's connection: a cursor on its log that survives the socket. Every entry is handed on once and in order; a gap, a stall or a
 * lost socket leads to a new socket that goes on after the last offset. What its members mean and take stands in index.d.ts.
 */
export class Connection {
  #address;
  #WebSocket;
  #clock;
  #random;
  #onFrame;
  #onState;
  #onConnected;
  #onTooBig;

  /** @type {InstanceType<SocketConstructor> | null} */
  #socket = null;
  #cursor;
  #shortFrames = new ShortFrames();
  /** @type {ConnectionState} */
  #state = { status: 'disconnected' };
  #attempt = 0;
  #missed = new Missed();
  #timers;
  #watchdog;

  constructor({ address, position, onFrame, onState, onConnected, onTooBig, WebSocket, clock, random, frameLog }) {
    this.#address = address;
    this.#cursor = new Cursor(position);
    this.#onFrame = onFrame;
    this.#onState = onState;
    this.#onConnected = onConnected ?? (() => {});
    this.#onTooBig = onTooBig ?? (() => {});
    this.#WebSocket = WebSocket ?? globalThis.WebSocket;
    this.#clock = clock ?? systemClock;
    this.#random = random ?? Math.random;
    this.#timers = new Timers(this.#clock);
    this.#watchdog = new Watchdog(this.#clock, {
      ping: () => this.#transmit({ type: 'ping' }),
      onDoubt: () => this.doubt(),
      onDead: () => this.#restart(),
    });
    this.frameLog = frameLog ?? new FrameLog(this.#clock);
  }

  get state() {
    return this.#state;
  }

  get cursor() {
    return this.#cursor.position;
  }

  connect() {
    if (this.#state.status === 'disconnected' || this.#state.status === 'refused') {
      this.#attempt = 0;
      this.#open();
    }
  }

  disconnect() {
    this.#drop();
    this.#become({ status: 'disconnected' });
  }

  reconnectNow() {
    if (this.#state.status === 'reconnecting') {
      this.#attempt = 0;
      this.#open();
    }
  }

  wakeUp() {
    this.reconnectNow();
    if (this.#state.status === 'connected') {
      this.#watchdog.askOnReturn();
    }
  }

  doubt() {
    if (this.#state.status === 'connected') {
      this.#become({ status: 'doubtful' });
      this.#watchdog.askInDoubt();
    }
  }

  send(frame) {
    if (this.#state.status !== 'connected') {
      return false;
    }

    this.#transmit(frame);
    this.#watchdog.sent();
    return true;
  }

  #transmit(frame) {
    const text = JSON.stringify(frame);
    this.#socket.send(text);
    this.frameLog.frameSent(frame, text.length);
  }

  #open() {
    this.#drop();
    this.#become({ status: 'connecting' });
    let socket;
    try {
      socket = new this.#WebSocket(this.#address(this.#cursor.position), SUB_PROTOCOLS);
    } catch (error) {
      // Only an address that can't be one gets here; another attempt would fail in the same way.
      this.#become({ status: 'refused', code: 0, reason: String(error.message ?? error) });
      return;
    }

    this.#socket = socket;
    this.#shortFrames = new ShortFrames();
    this.frameLog.socketOpened();
    const ifCurrent = (action) => (event) => {
      if (this.#socket === socket) {
        action(event);
      }
    };
    socket.addEventListener('message', ifCurrent((event) => this.#receive(event.data)));
    socket.addEventListener('close', ifCurrent((event) => this.#closed(event.code, event.reason)));
    socket.addEventListener('error', ifCurrent(() => this.#timers.after('error', CLOSE_AFTER_ERROR_MS, () => this.#closed(LOST, ''))));
    this.#timers.after('connect', CONNECT_TIMEOUT_MS, () => this.#restart());
  }

  #receive(text) {
    this.#watchdog.heard(this.#state.status === 'doubtful');
    let frame;
    try {
      frame = this.#shortFrames.read(JSON.parse(text));
    } catch {
      // What it was can't be known; if it was an entry, the next one shows the gap.
      console.warn('A frame that is not JSON was ignored.');
      return;
    }

    if (frame === undefined) {
      this.frameLog.gapSeen();
      this.#restart();
      return;
    }

    this.frameLog.frameReceived(frame, text.length);
    if (typeof frame?.seq === 'number') {
      this.#receiveEntry(frame);
    } else {
      this.#receiveNotice(frame);
    }
  }

  #receiveEntry(frame) {
    const place = this.#cursor.take(frame);
    if (place === 'gap') {
      this.frameLog.gapSeen();
      this.#restart();
    }

    if (place !== 'next') {
      return;
    }

    this.#onFrame(frame);
    const caughtUp = this.#missed.arrived(frame.seq);
    if (caughtUp !== null) {
      this.#become({ ...this.#state, missing: undefined, caughtUp });
    }
  }

  #receiveNotice(frame) {
    switch (frame?.type) {
      case 'connected':
        this.#timers.cancel('connect');
        if (frame.data.resumed) {
          this.#cursor.resume(frame.data);
        }

        this.#timers.after('stable', STABLE_AFTER_MS, () => { this.#attempt = 0; });
        this.#become({ status: 'connected', ...this.#missed.comparedWith(this.#cursor.position, frame.data) });
        this.#onFrame(frame);
        this.#onConnected();
        return;
      case 'pong':
        if (this.#state.status === 'doubtful') {
          this.#watchdog.answered();
          this.#become({ status: 'connected' });
          this.#onConnected();
        }

        break;
      case 'snapshot':
      case 'resync':
        this.#cursor.begin(frame.data);
        break;
      case 'heartbeat':
        this.#compare(frame.data);
        break;
      default:
        break;
    }

    this.#onFrame(frame);
  }

  // Another epoch is the server's to answer: with a resync on this connection, or on the next.
  #compare(server) {
    if (this.#cursor.lacks(server)) {
      this.#timers.after('catch-up', CATCH_UP_MS, () => {
        if (this.#cursor.lacks(server)) {
          this.#restart();
        }
      });
    }
  }

  #closed(code, reason) {
    this.frameLog.socketClosed(code, reason);
    this.#drop();
    if (code === MESSAGE_TOO_BIG) {
      this.#onTooBig();
    }

    if (mayReconnect(code)) {
      this.#scheduleAttempt();
    } else {
      this.#become({ status: 'refused', code, reason });
    }
  }

  #restart() {
    this.#drop();
    this.#scheduleAttempt();
  }

  #scheduleAttempt() {
    const pause = pauseBefore(this.#attempt, this.#random);
    this.#attempt += 1;
    this.#timers.after('attempt', pause, () => this.#open());
    this.#become({ status: 'reconnecting', retryAt: this.#clock.now() + pause });
  }

  /** Forgets the socket: nothing that it still has to say is heard. */
  #drop() {
    this.#timers.cancelAll();
    this.#watchdog.stop();

    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NORMAL);
  }

  #become(state) {
    this.#state = state;
    this.#onState(state);
  }
}
