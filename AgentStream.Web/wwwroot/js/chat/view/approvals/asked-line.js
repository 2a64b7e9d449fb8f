import { make } from '../elements/dom.js';

/** A tool call that waits for a person's word, for those who can't give it. */
export class AskedLine {
  /** @param {{ tool_name: string }} approval */
  constructor({ tool_name: name }) {
    this.element = make('p', { class: 'asked', 'data-testid': 'asked' }, 'The agent waits for its owner’s word: may it use ',
      make('code', {}, name), '?');
  }

  /** The conversation was made anew. */
  resume() {}

  remove() {
    this.element.remove();
  }
}
