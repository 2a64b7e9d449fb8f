import { Preference } from '../../browser/storage.js';

/** Light, dark, or as the system has it. The choice is made here; `js/theme.js` applies it, as it did before the first paint. */
export class ThemeSwitch {
  #preference;
  #radios;

  /** @param {HTMLFieldSetElement} group */
  constructor(group, { storage }) {
    this.#preference = new Preference('theme', storage);
    this.#radios = [...group.querySelectorAll('input')];
    group.addEventListener('change', (event) => {
      this.#preference.value = event.target.value;
      window.dispatchEvent(new StorageEvent('storage', { key: this.#preference.key, newValue: event.target.value }));
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
}
