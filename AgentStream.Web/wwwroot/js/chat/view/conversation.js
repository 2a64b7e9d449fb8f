import { PendingView } from './pending-message.js';
import { RunView } from './run.js';

/** @import { State } from '../types.js' */
/** @import { ChangeSet } from '../store.js' */

/** The runs in order, and below them what is not in the log yet. */
export class Conversation {
  #list;
  #actions;
  /** @type {Map<string, RunView>} */
  #runs = new Map();
  /** @type {Map<string, PendingView>} */
  #pending = new Map();

  /** @param {HTMLElement} list @param {object} actions */
  constructor(list, actions) {
    this.#list = list;
    this.#actions = actions;
  }

  /** @param {State} state @param {ChangeSet} changes */
  render(state, changes) {
    if (changes.everything) {
      this.#rebuild(state);
    } else {
      if (changes.earlier) {
        this.#prependEarlier(state);
      }

      this.#update(state, changes);
    }

    if (changes.pending || changes.everything) {
      this.#renderPending(state);
    }
  }

  #rebuild(state) {
    this.#runs.clear();
    this.#list.replaceChildren(...[...state.runs.values()].map((run) => this.#filled(run, state)), ...[...this.#pending.values()].map(({ element }) => element));
  }

  #prependEarlier(state) {
    const earlier = [];
    for (const run of state.runs.values()) {
      if (this.#runs.has(run.runId)) {
        break;
      }

      earlier.push(this.#filled(run, state));
    }

    this.#list.prepend(...earlier);
  }

  #update(state, changes) {
    for (const [stepId, runId] of changes.removed) {
      this.#runs.get(runId)?.removeStep(state.runs.get(runId), stepId);
    }

    for (const [stepId, runId] of changes.steps) {
      this.#viewOf(state, runId).updateStep(state.runs.get(runId), stepId);
    }

    for (const runId of changes.runs) {
      this.#viewOf(state, runId).update(state.runs.get(runId), state);
    }
  }

  /** @returns {RunView} */
  #viewOf(state, runId) {
    if (!this.#runs.has(runId)) {
      const element = this.#filled(state.runs.get(runId), state);
      const firstPending = this.#pending.values().next().value?.element ?? null;
      this.#list.insertBefore(element, firstPending);
    }

    return this.#runs.get(runId);
  }

  #filled(run, state) {
    const view = new RunView(run.runId, this.#actions);
    this.#runs.set(run.runId, view);
    view.fill(run, state);
    return view.element;
  }

  #renderPending(state) {
    for (const [messageId, view] of this.#pending) {
      if (!state.pending.has(messageId)) {
        view.element.remove();
        this.#pending.delete(messageId);
      }
    }

    for (const pending of state.pending.values()) {
      let view = this.#pending.get(pending.messageId);
      if (!view) {
        view = new PendingView(pending.messageId, this.#actions);
        this.#pending.set(pending.messageId, view);
        this.#list.append(view.element);
      }

      view.update(pending);
    }
  }
}
