import { ApprovalCard } from './approval-card.js';
import { make } from './dom.js';

/** The tool calls of a run that wait for a person's word. A card goes when anybody has answered, wherever. */
export class Approvals {
  element = make('div', { class: 'approvals' });
  /** @type {Map<string, ApprovalCard>} */
  #cards = new Map();
  #answer;

  /** @param {(toolCallId: string, answer: { approved: boolean, reason?: string, arguments?: object }) => boolean | void} answer */
  constructor(answer) {
    this.#answer = answer;
  }

  /** @param {Map<string, any>} approvals by tool call */
  update(approvals) {
    for (const [id, card] of this.#cards) {
      if (!approvals.has(id)) {
        card.remove();
        this.#cards.delete(id);
      }
    }

    for (const [id, approval] of approvals) {
      if (!this.#cards.has(id)) {
        const card = new ApprovalCard(approval, (answer) => this.#answer(id, answer));
        this.#cards.set(id, card);
        this.element.append(card.element);
      }
    }
  }
}
