import { make } from '../elements/dom.js';

/** A tool call that waits for a person's word, for those who can't give it. */
export class AskedLine {
  /** @param {{ tool_name: string, client_tool?: boolean }} approval */
  constructor({ tool_name: name, client_tool: isCallers }) {
    this.element = make('p', { class: 'asked', 'data-testid': 'asked' },
      ...isCallers
        ? ['The agent waits for what comes of ', make('code', {}, name), ', which the program that asked executes.']
        : ['The agent waits for its owner’s word: may it use ', make('code', {}, name), '?']);
  }

  /** The conversation was made anew. */
  resume() {}

  remove() {
    this.element.remove();
  }
}
