import { setText } from '../elements/dom.js';

/** @import { ConnectionState } from '../../../client/types.js' */

/** Stands where the conversation will be, until it has come. What it looks like, and that it does not flash by, is in the style sheet. */
export class Skeleton {
  #element;
  #words;

  /** @param {HTMLElement} element @param {HTMLElement} words */
  constructor(element, words) {
    this.#element = element;
    this.#words = words;
  }

  /** @param {boolean} shown */
  show(shown) {
    this.#element.hidden = !shown;
  }

  /** @param {ConnectionState} connection */
  showConnection({ status }) {
    const comes = status === 'connecting' || status === 'connected' || status === 'doubtful';
    this.#element.toggleAttribute('data-waits', !comes);
    setText(this.#words,
      comes ? '' : status === 'refused' ? 'This session could not be loaded.' : 'This session appears as soon as there is a connection.');
  }
}
