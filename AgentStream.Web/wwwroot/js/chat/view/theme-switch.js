import { Preference } from '../storage.js';

/** Light, dark, or as the system has it. `js/theme.js` has applied the choice before the first paint; here it is made. */
export class ThemeSwitch {
  #preference;
  #radios;

  /** @param {HTMLFieldSetElement} group */
  constructor(group, { storage }) {
    this.#preference = new Preference('theme', storage);
    this.#radios = [...group.querySelectorAll('input')];
    group.addEventListener('change', (event) => {
      this.#preference.value = event.target.value;
      this.#apply(event.target.value);
    });
    window.addEventListener('storage', () => this.#show());
    this.#show();
  }

  #show() {
    const choice = this.#preference.value ?? 'system';
    for (const radio of this.#radios) {
      radio.checked = radio.value === choice;
    }
  }

  #apply(choice) {
    if (choice === 'system') {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = choice;
    }
  }
}
