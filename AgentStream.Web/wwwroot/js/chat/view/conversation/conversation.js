import { serverNow } from '../../browser/server-clock.js';
import { systemClock } from '../../../client/connection/timers.js';
import { readOnServer } from '../../markdown/read-on-server.js';
import { RemoteBlocks } from '../../markdown/remote.js';
import { isOver } from '../../../client/state/run-state.js';
import { conversationText } from '../../words/run-text.js';
import { RunView } from '../run/run.js';
import { WantedStep } from '../steps/wanted-step.js';
import { PendingView } from './pending-message.js';
import { ShownVersions } from './shown-versions.js';

/** @import { State } from '../../../client/types.js' */
/** @import { ChangeSet } from '../../state/store.js' */

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
  #versions;
  #wantedStep;
  #print = () => this.#runs.forEach((view) => view.beforePrint());

  /**
   * @param {HTMLElement} list
   * @param {object} actions
   * @param {object} around
   * @param {string} around.traceUrl an address with {trace_id} in it, or nothing
   * @param {() => void} around.pin told when the reader was led somewhere, and the end is not to be followed
   * @param {(words: string) => void} around.announce
   * @param {{ folds: import('../../browser/kept-map.js').KeptMap, cards: Map<string, object> }} around.kept what outlives this view:
   *   how the reader left the steps of runs, and the cards of approvals
   * @param {boolean} [around.readOnly] nothing can be said, asked again or answered here
   * @param {() => number} [around.now] Unix seconds, by the server's clock
   * @param {(blocks: string[]) => Promise<object>} [around.readBlocks] reads complete blocks of Markdown
   */
  constructor(list, actions, {
    traceUrl, pin, announce, kept, readOnly = false, now = () => serverNow() / 1000, readBlocks = readOnServer,
  }) {
    this.#list = list;
    this.#actions = { ...actions, pin };
    this.#versions = new ShownVersions(list, { runs: this.#runs, pending: this.#pending },
      { loadEarlier: () => this.#loadEarlier(), pin, announce });
    this.#wantedStep = new WantedStep({
      show: (stepId) => this.#reveal(stepId),
      loadEarlier: () => (this.#state?.ready && this.#state.hasMore ? this.#loadEarlier() : null),
    });
    this.#tools = {
      actions,
      markdown: { remote: new RemoteBlocks({ post: readBlocks, clock: systemClock }) },
      folds: kept.folds,
      cards: kept.cards,
      turn: (runId, way) => this.#versions.turn(runId, way),
      now,
      traceUrl,
      readOnly,
      inFull: list.classList.contains('cards'),
    };
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    window.addEventListener('beforeprint', this.#print);
  }

  /** Nobody looks at it any more. */
  dispose() {
    clearInterval(this.#ticker);
    this.#wantedStep.dispose();
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

    this.#versions.update(state, changes);
    if (changes.pending || changes.everything) {
      this.#renderPending(state);
    }

    this.#wantedStep.look();
  }

  /** @returns {boolean} whether the address names a step, to which the reader is led */
  get isWanted() {
    return this.#wantedStep.isNamed;
  }

  /**
   * @returns {Promise<string | null>} all that was said, as Markdown, what is on earlier pages included; null: those are not available now
   */
  async text() {
    while (this.#state.hasMore) {
      if (!await this.#loadEarlier()) {
        return null;
      }
    }

    return conversationText(this.#state.runs.values());
  }

  /** Leads the reader to a row of a run, which stays as it is. @param {string} runId @param {string} stepId @returns {boolean} */
  lead(runId, stepId) {
    const view = this.#runs.get(runId);
    if (!view?.reveal(stepId, false)) {
      return false;
    }

    if (view.element.hidden) {
      this.#versions.showWith(runId);
    }

    const row = view.rowOf(stepId);
    this.#actions.pin();
    row?.scrollIntoView({ block: 'center' });
    (row?.matches('.call') ? row.querySelector('button') : row)?.focus({ preventScroll: true });
    markOnly(this.#list, 'step-target', row);
    return true;
  }

  /** Shows which row is meant, if it is there. @param {string} runId @param {string | null} stepId null: none is */
  point(runId, stepId) {
    markOnly(this.#list, 'step-pointed', stepId === null ? null : this.#runs.get(runId)?.rowOf(stepId) ?? null);
  }

  /** Lets the person change what they said last, in its place. */
  editLast() {
    [...this.#runs.values()].findLast((run) => run.canEdit)?.edit();
  }

  /** Shows the conversation as it is, and no earlier version of it any more. */
  showNewest() {
    this.#versions.showNewest();
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
    this.#list.replaceChildren(...[...state.runs.values()].map((run) => this.#filled(run, state)),
      ...[...this.#pending.values()].map(({ element }) => element));
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
      const next = this.#pending.values().next().value?.element ?? (this.#versions.note.isConnected ? this.#versions.note : null);
      this.#list.insertBefore(element, next);
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

  #reveal(stepId) {
    const view = [...this.#runs.values()].find((run) => run.reveal(stepId));
    if (!view) {
      return false;
    }

    // It may be a step of what was replaced.
    if (view.element.hidden) {
      this.#versions.showWith(view.runId);
    }

    const element = document.getElementById(`step-${stepId}`);
    this.#actions.pin();
    element?.scrollIntoView({ block: 'start' });
    element?.focus({ preventScroll: true });
    markOnly(this.#list, 'step-target', element);
    return true;
  }

  // Whether something came.
  async #loadEarlier() {
    const before = this.#state.runs.size;
    await this.#actions.loadEarlier();
    return this.#state.runs.size > before;
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

function markOnly(list, mark, element) {
  list.querySelector(`.${mark}`)?.classList.remove(mark);
  element?.classList.add(mark);
}

/** @param {Element} element of the conversation @returns {[string, string | null]} the run and the step that it belongs to */
export function stepAt(element) {
  const step = element.closest('[data-step-id], [data-call]');
  return [element.closest('[data-run-id]')?.dataset.runId ?? '', step?.dataset.stepId ?? step?.dataset.call ?? null];
}
