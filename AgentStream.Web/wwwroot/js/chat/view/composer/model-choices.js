import { make } from '../elements/dom.js';

/** The models that are offered, beside the field in which any may be named. */
export class ModelChoices {
  #list;
  #input;
  #own = '';

  /** @param {HTMLElement} list @param {HTMLInputElement} input */
  constructor(list, input) {
    this.#list = list;
    this.#input = input;
    input.addEventListener('input', () => this.mark());
    list.addEventListener('click', ({ target }) => {
      const choice = target.closest('button');
      if (choice) {
        // The agent's own needs no name.
        input.value = choice.value === this.#own ? '' : choice.value;
        input.dispatchEvent(new Event('input'));
      }
    });
  }

  /** @param {{ model?: string, models?: string[] } | undefined} agent that is asked */
  show(agent) {
    this.#own = agent?.model ?? '';
    const models = [...new Set([this.#own, ...agent?.models ?? []])].filter(Boolean);
    // One is no choice.
    this.#list.hidden = models.length < 2;
    this.#list.replaceChildren(...models.map((model) => make('button',
      { type: 'button', class: 'model-choice', value: model, 'data-testid': 'model-choice' }, model)));
    this.mark();
  }

  /** Another may stand in the field. */
  mark() {
    const chosen = this.#input.value.trim() || this.#own;
    for (const choice of this.#list.children) {
      choice.setAttribute('aria-pressed', String(choice.value === chosen));
    }
  }
}
