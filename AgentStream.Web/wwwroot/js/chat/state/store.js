import { initialState } from '../../client/state/conversation-state.js';
import { reduce } from '../../client/state/reducer.js';

/** @import { Change, Frame, LocalEvent, State } from '../../client/types.js' */

/** Everything that was touched since the page was last brought up to date. */
export class ChangeSet {
  everything = false;
  earlier = false;
  pending = false;
  notices = false;
  /** @type {Set<string>} */
  runs = new Set();
  /** @type {Map<string, string>} step id to run id */
  steps = new Map();
  /** @type {Map<string, string>} step id to run id */
  removed = new Map();
  /** @type {Map<string, string>} step id to run id: to be announced */
  finished = new Map();

  /** @param {Change} change */
  add(change) {
    switch (change.kind) {
      case 'run': this.runs.add(change.runId); break;
      case 'step': this.steps.set(change.stepId, change.runId); break;
      case 'step_finished': this.finished.set(change.stepId, change.runId); break;
      case 'step_removed':
        this.steps.delete(change.stepId);
        this.finished.delete(change.stepId);
        this.removed.set(change.stepId, change.runId);
        break;
      default: this[change.kind] = true; break;
    }
  }
}

/** Holds the state, and brings the page up to date at most once a frame, however many tokens came in between. */
export class Store {
  #pending = null;
  #schedule;
  #render;

  /**
   * @param {object} options
   * @param {string} options.sessionId
   * @param {(state: State, changes: ChangeSet) => void} options.render
   * @param {(action: () => void) => void} [options.schedule]
   */
  constructor({ sessionId, render, schedule }) {
    this.state = initialState(sessionId);
    this.#render = render;
    this.#schedule = schedule ?? ((action) => requestAnimationFrame(action));
  }

  /** @param {Frame | LocalEvent} event */
  dispatch(event) {
    this.state = reduce(this.state, event);
    if (this.state.changes.length === 0) {
      return;
    }

    if (!this.#pending) {
      this.#pending = new ChangeSet();
      this.#schedule(() => this.#flush());
    }

    for (const change of this.state.changes) {
      this.#pending.add(change);
    }
  }

  #flush() {
    const changes = this.#pending;
    this.#pending = null;
    this.#render(this.state, changes);
  }
}
