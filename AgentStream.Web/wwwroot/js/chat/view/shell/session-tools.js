import { copyButton } from '../elements/copy.js';
import { button, make } from '../elements/dom.js';
import { icon } from '../elements/icon.js';

/** What can be done with the whole session: shared, copied, taken along as a file. */
export class SessionTools {
  #menu;
  #markdown = make('a', { class: 'session-menu-item', download: true, 'data-testid': 'export-markdown' }, 'Export as Markdown');
  #json = make('a', { class: 'session-menu-item', download: true, 'data-testid': 'export-json' }, 'Export as JSON');

  /**
   * @param {HTMLElement} place
   * @param {{ text: () => Promise<string | null>, share?: () => void, save?: () => void }} of `share`: only where it can be shared
   */
  constructor(place, { text, share, save }) {
    const [word, title] = share ? ['Share', 'Share, copy or export the session'] : ['Export', 'Copy or export the session'];
    this.#menu = make('details', { class: 'session-menu', hidden: true, 'data-testid': 'session-menu' },
      make('summary', { class: 'button button-small', 'aria-label': word, title }, icon('export'),
        make('span', { class: 'session-menu-word' }, word)),
      make('div', { class: 'session-menu-items' },
        share ? button('Share by a link', () => this.#leaveFor(share), { class: 'session-menu-item', 'data-testid': 'share-open' }) : null,
        copyButton('Copy everything', text, { class: 'session-menu-item', 'data-testid': 'copy-all' }),
        this.#markdown, this.#json,
        save ? button('Save as one file', () => this.#leaveFor(save),
          { class: 'session-menu-item', title: 'A page that plays without a network', 'data-testid': 'save-file' }) : null));
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

  // The dialog gives the focus back to where it was.
  #leaveFor(share) {
    this.#menu.querySelector('summary').focus();
    this.#menu.open = false;
    share();
  }

  /** @param {boolean} hasMessages */
  update(hasMessages) {
    this.#menu.hidden = !hasMessages;
  }
}
