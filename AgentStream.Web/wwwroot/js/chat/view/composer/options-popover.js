import { KeptMap } from '../../browser/kept-map.js';
import { Preference } from '../../browser/storage.js';
import { openAbove } from '../elements/above.js';
import { readOptions } from './option-values.js';

const FIELDS = ['model', 'temperature', 'iterations'];
const MOST_SESSIONS = 200;

/**
 * Model, temperature and iterations of the next messages, for who wants others than the agent's own.
 * This browser keeps them for each session; one that is new has the last that were chosen.
 */
export class OptionsPopover {
  #inputs;
  #open;
  #preference;
  #kept;
  #sessionId = '';

  /** @param {Record<'open' | 'popover' | 'form' | 'model' | 'temperature' | 'iterations', HTMLElement>} parts */
  constructor(parts, { storage }) {
    this.#open = parts.open;
    this.#inputs = Object.fromEntries(FIELDS.map((name) => [name, parts[name]]));
    this.#preference = new Preference('options', storage);
    this.#kept = new KeptMap(storage, 'agentstream.options', MOST_SESSIONS);
    this.#restore();
    openAbove(parts.popover, { over: parts.form, beside: parts.open });
    for (const input of Object.values(this.#inputs)) {
      input.addEventListener('input', () => this.#changed());
    }

    this.#show();
  }

  /** @param {string} sessionId */
  enter(sessionId) {
    this.#sessionId = sessionId;
    this.#restore();
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
    this.#kept.set(this.#sessionId, this.#values());
    this.#show();
  }

  #restore() {
    try {
      const kept = this.#kept.get(this.#sessionId) ?? JSON.parse(this.#preference.value ?? '{}');
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
