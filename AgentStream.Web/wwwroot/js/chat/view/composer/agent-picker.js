import { Preference } from '../../browser/storage.js';
import { make, setText } from '../elements/dom.js';
import { MissingTools } from './missing-tools.js';

/** Who answers a message that names nobody. */
const DEFAULT_AGENT = 'assistant';

/** Which agent is asked, and what it is for. Until the list has come (or if it does not come) the server's default is. */
export class AgentPicker {
  #select;
  #description;
  #models;
  #missing;
  #api;
  #preference;
  /** @type {Map<string, { name: string, description?: string, model?: string, tools?: { name: string }[],
   * missing_tools?: { name: string, reason: string }[] }>} */
  #agents = new Map();

  /** @param {{ select: HTMLSelectElement, description: HTMLElement, missing: HTMLDetailsElement, models: HTMLDataListElement }} parts */
  constructor({ select, description, missing, models }, { api, storage }) {
    this.#select = select;
    this.#description = description;
    this.#models = models;
    this.#missing = new MissingTools(missing, () => this.#refresh());
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
    if (this.#agents.size === 0) {
      await this.#refresh();
    }
  }

  async #refresh() {
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
    const chosen = this.#select.value;
    this.#agents = new Map(agents.map((agent) => [agent.name, agent]));
    this.#select.replaceChildren(...agents.map(({ name, description }) => make('option', { value: name, title: description }, name)));
    const preferred = [chosen, this.#preference.value, DEFAULT_AGENT].find((name) => this.#agents.has(name));
    if (preferred) {
      this.#select.value = preferred;
    }

    const models = [...new Set(agents.map(({ model }) => model).filter(Boolean))];
    this.#models.replaceChildren(...models.map((model) => make('option', { value: model })));
    this.#describe();
  }

  #describe() {
    const agent = this.#agents.get(this.#select.value);
    const tools = (agent?.tools ?? []).map(({ name }) => name).join(', ');
    setText(this.#description, agent?.description ?? '');
    this.#description.title = tools ? `${agent.description ?? ''} Tools: ${tools}` : '';
    this.#missing.show(agent?.missing_tools ?? []);
  }
}
