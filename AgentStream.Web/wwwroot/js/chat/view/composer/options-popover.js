import { Preference } from '../../browser/storage.js';
import { openAbove } from '../elements/above.js';
import { readOptions } from './option-values.js';

const FIELDS = ['model', 'temperature', 'iterations'];

/** Model, temperature and iterations of the next messages, for who wants others than the agent's own. They are kept in this browser. */
export class OptionsPopover {
  #inputs;
  #open;
  #preference;

  /** @param {Record<'open' | 'popover' | 'form' | 'model' | 'temperature' | 'iterations', HTMLElement>} parts */
  constructor(parts, { storage }) {
    this.#open = parts.open;
    this.#inputs = Object.fromEntries(FIELDS.map((name) => [name, parts[name]]));
    this.#preference = new Preference('options', storage);
    this.#restore();
    openAbove(parts.popover, { over: parts.form, beside: parts.open });
    for (const input of Object.values(this.#inputs)) {
      input.addEventListener('input', () => this.#changed());
    }

    this.#show();
  }

  /** The part of the chat frame that is the options'. What is no valid value is left out. */
  get payload() {
    return readOptions(this.#values());
  }

  #values() {
    return Object.fromEntries(FIELDS.map((name) => [name, this.#inputs[name].value]));
  }

  #changed() {
    this.#preference.value = JSON.stringify(this.#values());
    this.#show();
  }

  #restore() {
    try {
      const kept = JSON.parse(this.#preference.value ?? '{}');
      for (const name of FIELDS) {
        this.#inputs[name].value = typeof kept?.[name] === 'string' ? kept[name] : '';
      }
    } catch {
      // Not written by this page: then nothing is chosen.
      this.#preference.value = '{}';
    }
  }

  #show() {
    for (const input of Object.values(this.#inputs)) {
      input.setAttribute('aria-invalid', String(!input.checkValidity()));
    }

    const count = Object.keys(this.payload).length;
    const words = count > 0 ? `Options (${count})` : 'Options';
    this.#open.querySelector('.field-button-words').textContent = words;
    // On a narrow screen the words are not shown.
    this.#open.setAttribute('aria-label', words);
  }
}
