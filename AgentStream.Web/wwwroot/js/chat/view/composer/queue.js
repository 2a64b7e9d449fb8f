import { isStopping } from '../../../client/state/run-state.js';
import { isSteering } from '../../words/run-words.js';
import { button, make, setText } from '../elements/dom.js';

/** @import { State } from '../../../client/types.js' */

/** What waits for its turn, above the message box, wherever the conversation is scrolled to. Removing a message cancels its queued run. */
export class Queue {
  #list;
  #cancel;
  /** @type {Map<string, { element: HTMLElement, word: HTMLElement, text: HTMLElement, remove: HTMLButtonElement }>} */
  #items = new Map();

  /** @param {HTMLElement} list @param {{ cancel: (runId: string) => void }} actions */
  constructor(list, { cancel }) {
    this.#list = list;
    this.#cancel = cancel;
  }

  /** @param {State} state */
  render(state) {
    // The first of a queue with nothing before it begins at once: it would only flash by.
    const runs = state.activeRun ? state.queue.map((runId) => state.runs.get(runId)).filter(Boolean) : [];
    const wanted = new Set(runs.map(({ runId }) => runId));
    for (const [runId, { element }] of this.#items) {
      if (!wanted.has(runId)) {
        element.remove();
        this.#items.delete(runId);
      }
    }

    runs.forEach((run, index) => {
      const item = this.#itemOf(run.runId);
      setText(item.word, isSteering(run, state) ? 'Next step' : 'Queued');
      setText(item.text, run.message ?? '');
      item.text.title = run.message ?? '';
      item.remove.disabled = isStopping(run);
      item.remove.setAttribute('aria-label', `Remove “${run.message ?? ''}” from the queue`);
      if (this.#list.children[index] !== item.element) {
        this.#list.insertBefore(item.element, this.#list.children[index] ?? null);
      }
    });
    this.#list.hidden = runs.length === 0;
  }

  #itemOf(runId) {
    let item = this.#items.get(runId);
    if (!item) {
      const word = make('span', { class: 'queue-word' });
      const text = make('span', { class: 'queue-text' });
      const remove = button('Remove', () => this.#cancel(runId), { class: 'link-button', 'data-testid': 'queue-remove' });
      const element = make('li', { class: 'queue-item', 'data-testid': 'queued', 'data-run-id': runId },
        word, text, remove);
      item = { element, word, text, remove };
      this.#items.set(runId, item);
    }

    return item;
  }
}
