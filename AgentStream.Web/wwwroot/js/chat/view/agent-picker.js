import { Preference } from '../storage.js';
import { make } from './dom.js';

/** Which agent is asked. Until the list has come (or if it does not come) the server's default is. */
export class AgentPicker {
  #select;
  #api;
  #preference;
  #loaded = false;

  constructor(select, { api, storage }) {
    this.#select = select;
    this.#api = api;
    this.#preference = new Preference('agent', storage);
    select.addEventListener('change', () => {
      this.#preference.value = select.value;
      this.#describe();
    });
  }

  /** The part of the chat frame that is the picker's. */
  get payload() {
    return this.#select.value ? { agent_name: this.#select.value } : {};
  }

  /** Asks for the list, unless it is there. */
  async load() {
    if (this.#loaded) {
      return;
    }

    try {
      const agents = await this.#api.agents();
      if (agents.length > 0) {
        this.#show(agents);
      }
    } catch (error) {
      // The next connection asks again; until then the default agent answers.
      console.warn('The list of agents could not be loaded.', error);
    }
  }

  #show(agents) {
    this.#loaded = true;
    this.#select.replaceChildren(...agents.map(({ name, description }) => make('option', { value: name, title: description }, name)));
    const preferred = this.#preference.value;
    if (agents.some(({ name }) => name === preferred)) {
      this.#select.value = preferred;
    }

    this.#describe();
  }

  #describe() {
    this.#select.title = this.#select.selectedOptions[0]?.title ?? '';
  }
}
