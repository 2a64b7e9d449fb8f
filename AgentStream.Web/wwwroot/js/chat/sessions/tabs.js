/** What the tabs of one browser tell each other of the list of sessions. Where the browser can't, each tab asks for itself. */
export class Tabs {
  #channel;

  constructor() {
    this.#channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel('agentstream.sessions') : null;
  }

  /** @param {{ changed: () => void, deleted: (sessionId: string) => void }} handlers */
  listen(handlers) {
    this.#channel?.addEventListener('message',
      ({ data }) => (data?.type === 'deleted' ? handlers.deleted(data.sessionId) : handlers.changed()));
  }

  /** @param {{ type: 'changed' | 'deleted', sessionId?: string }} message */
  tell(message) {
    this.#channel?.postMessage(message);
  }
}
