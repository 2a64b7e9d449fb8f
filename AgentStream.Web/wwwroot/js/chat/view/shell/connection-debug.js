import { connectionWords } from '../../words/connection-words.js';
import { counted, duration } from '../../words/format.js';
import { make, setText } from '../elements/dom.js';

const REFRESH_MS = 500;

/**
 * Everything that is known of the connection, for whoever wants to know why something did not come.
 * It is brought up to date while it is open.
 */
export class ConnectionDebug {
  #parts;
  #current;
  #timer = null;
  #rows = new Map();

  /**
   * @param {Record<'dialog' | 'facts' | 'frames' | 'toggle' | 'ping' | 'copy', HTMLElement>} parts
   * @param {() => import('../../sessions/session.js').ChatSession} current
   */
  constructor(parts, current) {
    this.#parts = parts;
    this.#current = current;
    parts.dialog.addEventListener('close', () => this.#stop());
    parts.ping.addEventListener('click', () => current().ping());
    parts.copy.addEventListener('click', () => this.#copy());
    parts.toggle.addEventListener('click', () => {
      const session = current();
      if (isOff(session.connection)) {
        session.connect();
      } else {
        session.disconnect();
      }

      this.#render();
    });
  }

  show() {
    if (!this.#parts.dialog.open) {
      this.#parts.dialog.showModal();
      this.#timer = setInterval(() => this.#render(), REFRESH_MS);
      this.#render();
    }
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #render() {
    const session = this.#current();
    setText(this.#parts.toggle, isOff(session.connection) ? 'Connect' : 'Disconnect');
    this.#parts.ping.disabled = session.connection.status !== 'connected';
    for (const [name, value] of Object.entries(factsOf(session, Date.now()))) {
      setText(this.#rowOf(name), value);
    }

    const frames = session.frameLog.frames()
      .map(({ at, direction, type, seq, firstSeq, chars }) => make('tr', { class: `frame-${direction}` },
      make('td', {}, new Date(at).toLocaleTimeString('en-GB')),
      make('td', {}, direction === 'in' ? '← in' : '→ out'),
      make('td', {}, type),
      make('td', {}, seq === undefined ? '' : firstSeq === undefined ? String(seq) : `${firstSeq}–${seq}`),
      make('td', {}, String(chars))));
    this.#parts.frames.replaceChildren(...frames);
  }

  #rowOf(name) {
    let value = this.#rows.get(name);
    if (!value) {
      value = make('dd', { 'data-fact': name });
      this.#rows.set(name, value);
      this.#parts.facts.append(make('div', { class: 'fact' }, make('dt', {}, name), value));
    }

    return value;
  }

  async #copy() {
    const session = this.#current();
    const text = JSON.stringify({ ...factsOf(session, Date.now()), frames: session.frameLog.frames() }, null, 2);
    try {
      await navigator.clipboard.writeText(text);
      setText(this.#parts.copy, 'Copied');
    } catch {
      // Not allowed, or not on this kind of address: then it has to be selected by hand.
      setText(this.#parts.copy, 'Not possible here');
    }
  }
}

/** @param {import('../../sessions/session.js').ChatSession} session @param {number} now */
function factsOf(session, now) {
  const { frameLog, position, connection, sessionId } = session;
  const ago = (at) => (at === null ? 'none yet' : `${duration(now - at)} ago`);
  return {
    Session: sessionId,
    State: connectionWords(connection, { now, online: navigator.onLine !== false }),
    Epoch: position?.epoch ?? 'none yet',
    Offset: position ? String(position.lastSeq) : 'none yet',
    'Offset of the server': frameLog.serverLastSeq === null ? 'not known' : String(frameLog.serverLastSeq),
    Heartbeats: frameLog.heartbeats === 0 ? 'none yet' : `${frameLog.heartbeats}, the last ${ago(frameLog.lastHeartbeatAt)}`,
    'Last frame': ago(frameLog.lastReceivedAt),
    'Round trip': frameLog.roundTripMs === null ? 'not measured: press Ping' : duration(frameLog.roundTripMs),
    Sockets: `${frameLog.opened} opened, ${frameLog.connected} greeted, ${frameLog.resumed} resumed`,
    'Snapshots, resyncs, gaps': `${frameLog.snapshots}, ${frameLog.resyncs}, ${frameLog.gaps}`,
    Frames: `${counted(frameLog.received, 'frame', 'frames')} in (${frameLog.receivedChars.toLocaleString('en')} `
      + `characters), ${frameLog.sent} out`,
    'Last close': frameLog.lastClose
      ? `${frameLog.lastClose.code}${frameLog.lastClose.reason ? ` ${frameLog.lastClose.reason}` : ''}, ${ago(frameLog.lastClose.at)}`
      : 'none',
  };
}

function isOff({ status }) {
  return status === 'disconnected' || status === 'refused';
}
