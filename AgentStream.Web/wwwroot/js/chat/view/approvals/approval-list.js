import { later } from '../../browser/later.js';
import { loadStyle } from '../../browser/style.js';
import { make } from '../elements/dom.js';
import { AskedLine } from './asked-line.js';
import { decisionLine } from './decision-line.js';

/** @import { Run } from '../../../client/types.js' */

/** @type {typeof import('./approval-card.js').ApprovalCard | null} */
let Card = null;
const loadCard = later(async () => {
  [{ ApprovalCard: Card }] = await Promise.all([import('./approval-card.js'), loadStyle('css/chat/conversation/approvals.css')]);
});

/**
 * The tool calls of a run that wait for a person's word, and what became of those that no step tells of.
 * A card goes when anybody has answered, wherever.
 * Until then it is the same card, however often the conversation is made anew: what was typed into it stays.
 */
export class ApprovalList {
  element = make('div', { class: 'approvals', hidden: true });
  #cards;
  #answer;
  #shown = new Set();
  #told = '';
  #decisions = make('div', { class: 'decisions' });
  #run = null;

  /**
   * @param {Map<string, import('./approval-card.js').ApprovalCard>} cards of the whole page, by tool call
   * @param {((toolCallId: string, answer: { approved: boolean, reason?: string, arguments?: object }) => boolean | void) | null} answer
   *   null: whoever looks can't answer, and is told only that somebody is asked
   */
  constructor(cards, answer) {
    this.#cards = cards;
    this.#answer = answer;
    this.element.append(this.#decisions);
  }

  /** @param {Run} run */
  update(run) {
    const { approvals, decisions, steps } = run;
    this.#run = run;
    if (approvals.size > 0 && !Card && this.#answer) {
      void this.#load();
      return;
    }

    for (const id of this.#shown) {
      if (!approvals.has(id)) {
        this.#cards.get(id)?.remove();
        this.#cards.delete(id);
        this.#shown.delete(id);
      }
    }

    for (const [id, approval] of approvals) {
      if (!this.#shown.has(id)) {
        this.#shown.add(id);
        this.element.append(this.#cardOf(id, approval).element);
      }
    }

    this.#tell(decisions, steps);
    this.element.hidden = this.#shown.size === 0 && this.#told === '';
  }

  async #load() {
    await loadCard();
    this.update(this.#run);
  }

  #cardOf(id, approval) {
    let card = this.#cards.get(id);
    if (card) {
      card.resume(approval);
    } else {
      card = this.#answer ? new Card(approval, (answer) => this.#answer(id, answer)) : new AskedLine(approval);
      this.#cards.set(id, card);
    }

    return card;
  }

  // A call that was answered says so itself, once it is made; until then, and where calls are not shown, this does.
  #tell(decisions, steps) {
    const called = new Set(
      decisions.size > 0 ? [...steps.values()].filter(({ type }) => type === 'tool_use').map(({ toolCallId }) => toolCallId) : []);
    const silent = [...decisions.values()].filter(({ tool_call_id: id }) => !called.has(id));
    const told = silent.map(({ tool_call_id: id }) => id).join();
    if (told !== this.#told) {
      this.#told = told;
      this.#decisions.replaceChildren(...silent.map((decision) => decisionLine(decision, { named: true })));
    }
  }
}
