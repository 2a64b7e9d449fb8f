import { button, make } from '../elements/dom.js';

/** @import { State } from '../../../client/types.js' */

/** What went wrong and belongs to no message. */
export class Notices {
  #box;
  #actions;

  constructor(box, actions) {
    this.#box = box;
    this.#actions = actions;
  }

  /** @param {State} state */
  render(state) {
    const trouble = state.trouble ? [make('div', { class: 'notice', role: 'alert', 'data-testid': 'trouble' }, state.trouble)] : [];
    const notices = state.notices.map(({ id, code, message }) =>
      make('div', { class: 'notice', role: 'alert', 'data-testid': 'notice', 'data-code': code },
        make('span', {}, message),
        button('Dismiss', () => this.#actions.dismiss(id), { class: 'link-button' })));
    this.#box.replaceChildren(...trouble, ...notices);
  }
}
