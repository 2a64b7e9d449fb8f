import { NEWEST, isIn, versionsOf } from '../../state/message-versions.js';
import { button, make } from '../elements/dom.js';

/** @import { State } from '../../../client/types.js' */
/** @import { ChangeSet } from '../../state/store.js' */

/**
 * Which versions of the conversation's messages are looked at: the newest ones,
 * or those of an earlier moment with all that belonged to them.
 */
export class ShownVersions {
  #list;
  #views;
  #actions;
  /** @type {State | null} */
  #state = null;
  #versions = versionsOf([]);
  #asOf = NEWEST;
  #countedRuns = 0;
  /** Stands below everything while an earlier moment is looked at. */
  note = make('li', { class: 'past-note', 'data-testid': 'past-note' },
    make('span', {}, 'This is how the conversation was before a message was changed.'),
    button('Back to the newest', () => this.showNewest(), { class: 'button button-small', 'data-testid': 'to-newest' }));

  /**
   * @param {HTMLElement} list
   * @param {{ runs: Map<string, import('../run/run.js').RunView>, pending: Map<string,
   *   import('./pending-message.js').PendingView> }} views what is on the page
   * @param {{ loadEarlier: () => Promise<boolean>, pin: () => void, announce: (words: string) => void }} actions
   */
  constructor(list, views, actions) {
    this.#list = list;
    this.#views = views;
    this.#actions = actions;
  }

  /** Runs come and go from the conversation only with what replaces them. @param {State} state @param {ChangeSet} changes */
  update(state, changes) {
    this.#state = state;
    const isNews = changes.everything || changes.earlier || state.runs.size !== this.#countedRuns;
    this.#countedRuns = state.runs.size;
    if (isNews) {
      this.#versions = versionsOf(state.runs.values());
      const isStillThere = this.#asOf === NEWEST || [...this.#versions.leftAt.values()].includes(this.#asOf);
      this.#show(isStillThere ? this.#asOf : NEWEST);
    }
  }

  /** The conversation as it is, and no earlier version of it any more. */
  showNewest() {
    if (this.#asOf !== NEWEST) {
      this.#show(NEWEST);
    }
  }

  /** The moment at which a run was in the conversation. @param {string} runId */
  showWith(runId) {
    this.#show(this.#versions.leftAt.get(runId) ?? NEWEST);
  }

  /** To the version before or after; the message stays where it is on the screen. @param {string} runId @param {-1 | 1} way */
  async turn(runId, way) {
    if (way < 0) {
      await this.#loadFirstVersions(runId);
    }

    const { run, chain } = this.#find(runId);
    const at = chain?.indexOf(run) ?? -1;
    const wanted = chain?.[at + way];
    if (!wanted) {
      return;
    }

    const top = this.#views.runs.get(runId).element.getBoundingClientRect().top;
    this.#actions.pin();
    this.showWith(wanted.runId);
    const view = this.#views.runs.get(wanted.runId);
    window.scrollBy({ top: view.element.getBoundingClientRect().top - top, behavior: 'instant' });
    view.focusVersion(way);
    this.#actions.announce(`Version ${at + way + 1} of ${chain.length}`);
  }

  // Those before may be on an earlier page.
  async #loadFirstVersions(runId) {
    for (let { run, chain } = this.#find(runId); chain?.[0] === run && this.#versions.cut.has(runId); { run, chain } = this.#find(runId)) {
      if (!await this.#actions.loadEarlier()) {
        return;
      }

      // Drawn at the next frame.
      await new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });
    }
  }

  #find(runId) {
    return { run: this.#state.runs.get(runId), chain: this.#versions.of.get(runId) };
  }

  #show(asOf) {
    this.#asOf = asOf;
    const { leftAt, of, cut } = this.#versions;
    for (const [runId, view] of this.#views.runs) {
      const { run, chain } = this.#find(runId);
      view.stand({
        shown: isIn(run, this.#versions, asOf),
        past: leftAt.has(runId),
        version: chain ? chain.indexOf(run) + 1 : undefined,
        versions: chain?.length,
        more: cut.has(runId),
      });
    }

    for (const { element } of this.#views.pending.values()) {
      element.hidden = asOf !== NEWEST;
    }

    if (asOf === NEWEST) {
      this.note.remove();
    } else {
      this.#list.append(this.note);
    }
  }
}
