import { RemoteBlocks } from '../markdown/remote.js';
import { isOver } from '../runs.js';
import { serverNow } from '../server-clock.js';
import { PendingView } from './pending-message.js';
import { RunView, answerOf } from './run.js';

/** @import { State } from '../types.js' */
/** @import { ChangeSet } from '../store.js' */

const TICK_MS = 500;

/** The runs in order, and below them what is not in the log yet. */
export class Conversation {
  #list;
  #actions;
  #tools;
  #state = null;
  /** @type {Map<string, RunView>} */
  #runs = new Map();
  /** @type {Map<string, PendingView>} */
  #pending = new Map();
  #ticker;
  #wantedStep = stepOfAddress();
  #looking = false;
  #print = () => this.#runs.forEach((view) => view.beforePrint());
  #goToStep = () => {
    this.#wantedStep = stepOfAddress();
    this.#revealWanted();
  };

  /**
   * @param {HTMLElement} list
   * @param {object} actions
   * @param {object} around
   * @param {string} around.traceUrl an address with {trace_id} in it, or nothing
   * @param {() => void} around.grown told when the page has grown by itself
   * @param {() => void} around.pin told when the reader was led somewhere, and the end is not to be followed
   */
  constructor(list, actions, { traceUrl, grown, pin }) {
    this.#list = list;
    this.#actions = { ...actions, pin };
    this.#tools = {
      actions,
      markdown: { remote: new RemoteBlocks({ post: readOnServer, clock: pageClock }), grown },
      folds: new Map(),
      now: () => serverNow() / 1000,
      traceUrl,
    };
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    window.addEventListener('hashchange', this.#goToStep);
    window.addEventListener('beforeprint', this.#print);
  }

  /** Nobody looks at it any more. */
  dispose() {
    clearInterval(this.#ticker);
    window.removeEventListener('hashchange', this.#goToStep);
    window.removeEventListener('beforeprint', this.#print);
    this.#runs.forEach((view) => view.dispose());
  }

  /** @param {State} state @param {ChangeSet} changes */
  render(state, changes) {
    this.#state = state;
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

    this.#revealWanted();
  }

  /** @returns {string} all that was said, as Markdown */
  get text() {
    return [...(this.#state?.runs.values() ?? [])].filter((run) => !run.replacedBy)
      .map((run) => [run.message && `**You:** ${run.message}`, answerOf(run) || run.error].filter(Boolean).join('\n\n'))
      .join('\n\n---\n\n');
  }

  #rebuild(state) {
    this.#runs.forEach((view) => view.dispose());
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
    const view = new RunView(run.runId, this.#tools);
    this.#runs.set(run.runId, view);
    view.fill(run, state);
    return view.element;
  }

  // Clocks and pictures of what is running go on between two tokens, too.
  #tick() {
    const active = this.#state?.activeRun;
    const run = active && this.#state.runs.get(active);
    if (run && !isOver(run)) {
      this.#runs.get(active)?.tick();
    }
  }

  #revealWanted() {
    if (this.#wantedStep === null) {
      return;
    }

    for (const view of this.#runs.values()) {
      if (view.reveal(this.#wantedStep)) {
        const element = document.getElementById(`step-${this.#wantedStep}`);
        this.#wantedStep = null;
        this.#actions.pin();
        element?.scrollIntoView({ block: 'start' });
        element?.focus({ preventScroll: true });
        this.#list.querySelector('.step-target')?.classList.remove('step-target');
        element?.classList.add('step-target');
        return;
      }
    }

    void this.#lookEarlier();
  }

  // A link may lead to a step that is on an earlier page.
  async #lookEarlier() {
    if (this.#state?.ready && this.#state.hasMore && !this.#looking) {
      this.#looking = true;
      const before = this.#state.runs.size;
      await this.#actions.loadEarlier();
      this.#looking = false;
      if (this.#state.runs.size === before) {
        this.#wantedStep = null;
      }
    }
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

function stepOfAddress() {
  return /^#step-([A-Za-z0-9_-]{1,128})$/.exec(location.hash)?.[1] ?? null;
}

const pageClock = {
  now: () => performance.now(),
  setTimeout: (action, ms) => setTimeout(action, ms),
  clearTimeout: (id) => clearTimeout(id),
};

async function readOnServer(blocks) {
  const response = await fetch(new URL('markdown', document.baseURI), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    credentials: 'same-origin',
    body: JSON.stringify({ blocks }),
  });
  if (!response.ok) {
    throw new Error(`markdown answered ${response.status}`);
  }

  return response.json();
}
