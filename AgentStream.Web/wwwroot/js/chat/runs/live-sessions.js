import { ChatSession } from '../sessions/session.js';

// Each is a connection. What is out of sight is told by the list alone.
const MOST = 8;

/** The sessions whose runs are in sight and under way, followed as the chat page follows its one. */
export class LiveSessions {
  #api;
  #onChange;
  #onFrame;
  /** @type {Map<string, ChatSession>} */
  #sessions = new Map();

  /**
   * @param {object} options
   * @param {import('../sessions/api.js').Api} options.api
   * @param {(sessionId: string) => void} options.onChange at most once a frame for each
   * @param {(session: ChatSession, frame: import('../../client/types.js').Frame) => void} options.onFrame
   */
  constructor({ api, onChange, onFrame }) {
    this.#api = api;
    this.#onChange = onChange;
    this.#onFrame = onFrame;
  }

  /** Follows these, as many as may be, and no others. @param {Iterable<string>} wanted the most wanted first */
  follow(wanted) {
    const ids = [...new Set(wanted)].slice(0, MOST);
    for (const [id, session] of this.#sessions) {
      if (!ids.includes(id)) {
        this.#sessions.delete(id);
        session.leave();
      }
    }

    for (const id of ids) {
      if (!this.#sessions.has(id)) {
        // Nothing is sent from here: there is nothing to keep.
        const session = new ChatSession({ sessionId: id, api: this.#api, storage: null, onFrame: this.#onFrame });
        this.#sessions.set(id, session);
        session.enter({ render: () => this.#onChange(id), showConnection: () => {} });
      }
    }
  }

  /** @param {string} sessionId @param {string} runId @returns {import('../../client/types.js').Run | undefined} while it is followed */
  runOf(sessionId, runId) {
    return this.#sessions.get(sessionId)?.state.runs.get(runId);
  }
}
