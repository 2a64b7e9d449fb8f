import { Preference } from '../../browser/storage.js';
import { loadStyle } from '../../browser/style.js';

/** How steps are shown: a row each, or the full coloured cards. */
export class LookSwitch {
  #button;
  #list;
  #preference;

  /** @param {{ button: HTMLElement, list: HTMLElement }} parts @param {{ storage: Storage | null, changed: () => void }} on */
  constructor({ button, list }, { storage, changed }) {
    this.#button = button;
    this.#list = list;
    this.#preference = new Preference('look', storage);
    button.addEventListener('click', () => {
      this.#preference.value = this.#isCards ? 'rows' : 'cards';
      this.#show();
      changed();
    });
    this.#show();
  }

  get #isCards() {
    return this.#preference.value === 'cards';
  }

  #show() {
    if (this.#isCards) {
      void loadStyle('css/chat/conversation/cards.css');
    }

    this.#list.classList.toggle('cards', this.#isCards);
    this.#button.setAttribute('aria-pressed', String(this.#isCards));
  }
}
