import { Preference } from '../../browser/storage.js';

/** Whether thoughts and tools are asked for with the next message. */
export class ReasoningToggle {
  #box;

  constructor(box, { storage }) {
    this.#box = box;
    const preference = new Preference('reasoning', storage);
    box.checked = preference.value !== 'off';
    box.addEventListener('change', () => { preference.value = box.checked ? 'on' : 'off'; });
  }

  /** The part of the chat frame that is the toggle's. */
  get payload() {
    return { enable_reasoning: this.#box.checked };
  }
}
