import { copyButton } from '../elements/copy.js';
import { make } from '../elements/dom.js';
import { icon } from '../elements/icon.js';

/** What can be done with the whole session: copied, taken along as a file. */
export class SessionTools {
  #menu;
  #markdown = make('a', { class: 'session-menu-item', download: true, 'data-testid': 'export-markdown' }, 'Export as Markdown');
  #json = make('a', { class: 'session-menu-item', download: true, 'data-testid': 'export-json' }, 'Export as JSON');

  /** @param {HTMLElement} place @param {{ text: () => string }} of */
  constructor(place, { text }) {
    this.#menu = make('details', { class: 'session-menu', hidden: true, 'data-testid': 'session-menu' },
      make('summary', { class: 'button button-small', 'aria-label': 'Export', title: 'Copy or export the session' }, icon('export'),
        make('span', { class: 'session-menu-word' }, 'Export')),
      make('div', { class: 'session-menu-items' },
        copyButton('Copy everything', text, { class: 'session-menu-item', 'data-testid': 'copy-all' }),
        this.#markdown, this.#json));
    this.#menu.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#menu.open) {
        event.stopPropagation();
        this.#menu.open = false;
        this.#menu.querySelector('summary').focus();
      }
    });
    document.addEventListener('click', (event) => {
      if (!this.#menu.contains(/** @type {Node} */ (event.target))) {
        this.#menu.open = false;
      }
    });
    place.append(this.#menu);
  }

  /** @param {import('../../sessions/api.js').Api} api @param {string} sessionId */
  enter(api, sessionId) {
    this.#markdown.setAttribute('href', api.exportAddress(sessionId, 'markdown'));
    this.#json.setAttribute('href', api.exportAddress(sessionId, 'json'));
  }

  /** @param {boolean} hasMessages */
  update(hasMessages) {
    this.#menu.hidden = !hasMessages;
  }
}
