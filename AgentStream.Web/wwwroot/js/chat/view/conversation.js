import { RemoteBlocks } from '../markdown/remote.js';
import { isOver } from '../runs.js';
import { serverNow } from '../server-clock.js';
import { NEWEST, isIn, versionsOf } from '../versions.js';
import { button, make } from './dom.js';
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
  #versions = versionsOf([]);
  #asOf = NEWEST;
  #pastNote = make('li', { class: 'past-note', 'data-testid': 'past-note' },
    make('span', {}, 'This is how the conversation was before a message was changed.'),
    button('Back to the newest', () => this.showNewest(), { class: 'button button-small', 'data-testid': 'to-newest' }));
  #looking = false;
  #countedRuns = 0;
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
   * @param {() => void} around.pin told when the reader was led somewhere, and the end is not to be followed
   * @param {(words: string) => void} around.announce
   * @param {{ folds: Map<string, boolean>, cards: Map<string, object> }} around.kept what outlives this view: how the reader left the steps of runs, and the cards of approvals
   */
  constructor(list, actions, { traceUrl, pin, announce, kept }) {
    this.#list = list;
    this.#actions = { ...actions, pin, announce };
    this.#tools = {
      actions,
      markdown: { remote: new RemoteBlocks({ post: readOnServer, clock: pageClock }) },
      folds: kept.folds,
      cards: kept.cards,
      turn: (runId, way) => this.#turn(runId, way),
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

    this.#showVersions(state, changes);
    if (changes.pending || changes.everything) {
      this.#renderPending(state);
    }

    this.#revealWanted();
  }

  /** @returns {boolean} whether the address names a step, to which the reader is led */
  get isWanted() {
    return stepOfAddress() !== null;
  }

  /** @returns {string} all that was said, as Markdown */
  get text() {
    return [...(this.#state?.runs.values() ?? [])].filter((run) => !run.replacedBy)
      .map((run) => [run.message && `**You:** ${run.message}`, answerOf(run) || run.error].filter(Boolean).join('\n\n'))
      .join('\n\n---\n\n');
  }

  /** Shows the conversation as it is, and no earlier version of it any more. */
  showNewest() {
    if (this.#asOf !== NEWEST) {
      this.#asOf = NEWEST;
      this.#standAll();
    }
  }

  #rebuild(state) {
    const edited = [...this.#runs].map(([runId, view]) => [runId, view.edited]).filter(([, text]) => text !== null);
    const focused = this.#list.contains(document.activeElement) ? document.activeElement : null;
    this.#runs.forEach((view) => view.dispose());
    this.#runs.clear();
    this.#fillList(state);
    edited.forEach(([runId, text]) => this.#runs.get(runId)?.edit(text));
    // A card that waits for a person's word is the same as before: who was typing into it goes on.
    if (focused?.isConnected) {
      focused.focus({ preventScroll: true });
    }
  }

  #fillList(state) {
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
      const firstBehind = this.#pending.values().next().value?.element ?? (this.#pastNote.isConnected ? this.#pastNote : null);
      this.#list.insertBefore(element, firstBehind);
    }

    return this.#runs.get(runId);
  }

  #filled(run, state) {
    const view = new RunView(run.runId, this.#tools);
    this.#runs.set(run.runId, view);
    view.fill(run, state);
    return view.element;
  }

  // Runs come and go from the conversation only with what replaces them.
  #showVersions(state, changes) {
    const isNews = changes.everything || changes.earlier || state.runs.size !== this.#countedRuns;
    this.#countedRuns = state.runs.size;
    if (isNews) {
      this.#versions = versionsOf(state.runs.values());
      if (this.#asOf !== NEWEST && ![...this.#versions.leftAt.values()].includes(this.#asOf)) {
        this.#asOf = NEWEST;
      }

      this.#standAll();
    }
  }

  #standAll() {
    const { leftAt, of, cut } = this.#versions;
    for (const [runId, view] of this.#runs) {
      const chain = of.get(runId);
      const run = this.#state.runs.get(runId);
      view.stand({
        shown: isIn(run, this.#versions, this.#asOf),
        past: leftAt.has(runId),
        version: chain ? chain.indexOf(run) + 1 : undefined,
        versions: chain?.length,
        more: cut.has(runId),
      });
    }

    for (const { element } of this.#pending.values()) {
      element.hidden = this.#asOf !== NEWEST;
    }

    if (this.#asOf === NEWEST) {
      this.#pastNote.remove();
    } else {
      this.#list.append(this.#pastNote);
    }
  }

  // To the version before or behind, with all that belonged to it; the message stays where it is on the screen.
  async #turn(runId, way) {
    let run = this.#state.runs.get(runId);
    let chain = this.#versions.of.get(runId);
    while (way < 0 && chain?.[0] === run && this.#versions.cut.has(runId)) {
      const before = this.#state.runs.size;
      await this.#actions.loadEarlier();
      // Drawn at the next frame.
      await new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });
      run = this.#state.runs.get(runId);
      chain = this.#versions.of.get(runId);
      if (this.#state.runs.size === before) {
        return;
      }
    }

    const at = chain?.indexOf(run) ?? -1;
    const wanted = chain?.[at + way];
    if (!wanted) {
      return;
    }

    const top = this.#runs.get(runId).element.getBoundingClientRect().top;
    this.#actions.pin();
    this.#asOf = this.#versions.leftAt.get(wanted.runId) ?? NEWEST;
    this.#standAll();
    const view = this.#runs.get(wanted.runId);
    window.scrollBy({ top: view.element.getBoundingClientRect().top - top, behavior: 'instant' });
    view.focusVersion(way);
    this.#actions.announce(`Version ${at + way + 1} of ${chain.length}`);
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
        // It may be a step of what was replaced.
        if (view.element.hidden) {
          this.#asOf = this.#versions.leftAt.get(view.runId) ?? NEWEST;
          this.#standAll();
        }

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
