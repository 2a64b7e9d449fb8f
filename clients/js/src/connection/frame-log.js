/** @import { Frame } from '../types.js' */

const KEPT_FRAMES = 40;

/**
 * What the connection debug view tells: counts since the page was opened, and the last frames of either direction.
 * It costs a few assignments a frame, so it is always on: what went wrong is seen afterwards, too.
 */
export class FrameLog {
  #clock;
  /** A ring: the oldest gives its place to the newest. */
  #frames = [];
  #next = 0;
  #pingSentAt = null;

  opened = 0;
  connected = 0;
  resumed = 0;
  snapshots = 0;
  resyncs = 0;
  gaps = 0;
  heartbeats = 0;
  received = 0;
  sent = 0;
  receivedChars = 0;
  /** @type {number | null} milliseconds */
  lastHeartbeatAt = null;
  /** @type {number | null} milliseconds */
  lastReceivedAt = null;
  /** @type {number | null} milliseconds from ping to pong */
  roundTripMs = null;
  /** @type {{ at: number, code: number, reason: string } | null} */
  lastClose = null;
  /** @type {number | null} the log's last offset, as the server last said it */
  serverLastSeq = null;

  /** @param {{ now: () => number }} clock */
  constructor(clock = { now: () => Date.now() }) {
    this.#clock = clock;
  }

  socketOpened() {
    this.opened += 1;
    this.#pingSentAt = null;
  }

  /** @param {number} code @param {string} reason */
  socketClosed(code, reason) {
    this.lastClose = { at: this.#clock.now(), code, reason };
  }

  gapSeen() {
    this.gaps += 1;
  }

  /** @param {Frame} frame @param {number} chars */
  frameReceived(frame, chars) {
    const at = this.#clock.now();
    this.received += 1;
    this.receivedChars += chars;
    this.lastReceivedAt = at;
    this.#keep({ at, direction: 'in', type: String(frame?.type), seq: frame?.seq, firstSeq: frame?.first_seq, chars });
    switch (frame?.type) {
      case 'connected':
        this.connected += 1;
        this.resumed += frame.data?.resumed ? 1 : 0;
        this.serverLastSeq = frame.data?.last_seq ?? this.serverLastSeq;
        break;
      case 'snapshot': this.snapshots += 1; break;
      case 'resync': this.resyncs += 1; break;
      case 'heartbeat':
        this.heartbeats += 1;
        this.lastHeartbeatAt = at;
        this.serverLastSeq = frame.data?.last_seq ?? this.serverLastSeq;
        break;
      case 'pong':
        if (this.#pingSentAt !== null) {
          this.roundTripMs = at - this.#pingSentAt;
          this.#pingSentAt = null;
        }

        break;
      default:
        if (typeof frame?.seq === 'number') {
          this.serverLastSeq = Math.max(this.serverLastSeq ?? 0, frame.seq);
        }

        break;
    }
  }

  /** @param {{ type: string }} frame @param {number} chars */
  frameSent(frame, chars) {
    const at = this.#clock.now();
    this.sent += 1;
    this.#keep({ at, direction: 'out', type: frame.type, chars });
    if (frame.type === 'ping') {
      this.#pingSentAt = at;
    }
  }

  /** @returns {{ at: number, direction: 'in' | 'out', type: string, seq?: number, firstSeq?: number, chars: number }[]} the newest first */
  frames() {
    return [...this.#frames.slice(this.#next), ...this.#frames.slice(0, this.#next)].reverse();
  }

  #keep(entry) {
    this.#frames[this.#next] = entry;
    this.#next = (this.#next + 1) % KEPT_FRAMES;
  }
}
