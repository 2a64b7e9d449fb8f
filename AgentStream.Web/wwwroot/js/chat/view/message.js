import { button, make, setText } from './dom.js';

/** What a person said, and where it stands on its way. */
export class MessageView {
  #text = make('p', { class: 'said-text' });
  #status = make('span', { class: 'said-status', 'data-testid': 'message-status' });
  #actions = make('span', { class: 'said-actions' });
  #shownActions = '';

  constructor() {
    this.element = make('div', { class: 'said' }, make('h2', { class: 'visually-hidden' }, 'You said'), this.#text, make('div', { class: 'said-line' }, this.#status, this.#actions));
  }

  /**
   * @param {string | undefined} message
   * @param {string} status in words
   * @param {{ label: string, testid: string, action: () => void }[]} [actions]
   */
  show(message, status, actions = []) {
    this.#text.hidden = message === undefined;
    setText(this.#text, message ?? '');
    setText(this.#status, status);
    // Buttons are made anew only if they are others, or the focus would be lost.
    const wanted = actions.map(({ testid }) => testid).join();
    if (wanted !== this.#shownActions) {
      this.#shownActions = wanted;
      this.#actions.replaceChildren(...actions.map(({ label, testid, action }) =>
        button(label, action, { class: 'link-button', 'data-testid': testid })));
    }
  }
}
