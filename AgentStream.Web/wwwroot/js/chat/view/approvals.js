import { button, make } from './dom.js';
import { pretty } from './format.js';

/** Tool calls that wait for a person's word. */
export class Approvals {
  element = make('div', { class: 'approvals' });
  #cards = new Map();
  #answer;

  /** @param {(toolCallId: string, approved: boolean) => void} answer */
  constructor(answer) {
    this.#answer = answer;
  }

  /** @param {Map<string, any>} approvals */
  update(approvals) {
    for (const [id, card] of this.#cards) {
      if (!approvals.has(id)) {
        card.remove();
        this.#cards.delete(id);
      }
    }

    for (const [id, approval] of approvals) {
      if (!this.#cards.has(id)) {
        const card = this.#card(id, approval);
        this.#cards.set(id, card);
        this.element.append(card);
      }
    }
  }

  #card(id, approval) {
    return make('section', { class: 'approval', 'data-testid': 'approval', 'data-tool-call-id': id },
      make('h3', { class: 'step-head' }, 'May the agent use ', make('code', { class: 'step-tool' }, approval.tool_name), '?'),
      approval.arguments === undefined ? null : make('div', { class: 'step-text step-data' }, pretty(approval.arguments)),
      make('div', { class: 'approval-row' },
        button('Approve', () => this.#answer(id, true), { class: 'button button-primary', 'data-testid': 'approve' }),
        button('Refuse', () => this.#answer(id, false), { class: 'button', 'data-testid': 'refuse' })));
  }
}
