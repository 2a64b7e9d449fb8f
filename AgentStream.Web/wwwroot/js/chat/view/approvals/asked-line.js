import { make } from '../elements/dom.js';
import { spendingOf } from './approval-words.js';

/** A tool call that waits for a person's word, for those who can't give it. */
export class AskedLine {
  /** @param {{ tool_name: string, arguments?: unknown, client_tool?: boolean }} approval */
  constructor(approval) {
    const { tool_name: name, client_tool: isCallers } = approval;
    this.element = make('p', { class: 'asked', 'data-testid': 'asked' },
      ...spendingOf(approval) ? ['The agent waits for its owner’s word: may it cost more?'] : isCallers
        ? ['The agent waits for what comes of ', make('code', {}, name), ', which the program that asked executes.']
        : ['The agent waits for its owner’s word: may it use ', make('code', {}, name), '?']);
  }

  /** The conversation was made anew. */
  resume() {}

  remove() {
    this.element.remove();
  }
}
