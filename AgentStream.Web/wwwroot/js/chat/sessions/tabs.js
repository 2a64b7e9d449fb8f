/** What the tabs of one browser tell each other of the list of sessions. Where the browser can't, each tab asks for itself. */
export class Tabs {
  #channel;

  /** @param {(message: { type: 'changed' | 'deleted', sessionId?: string }) => void} onMessage */
  constructor(onMessage) {
    this.#channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel('agentstream.sessions') : null;
    this.#channel?.addEventListener('message', ({ data }) => onMessage(data ?? {}));
  }

  /** @param {{ type: 'changed' | 'deleted', sessionId?: string }} message */
  tell(message) {
    this.#channel?.postMessage(message);
  }
}
