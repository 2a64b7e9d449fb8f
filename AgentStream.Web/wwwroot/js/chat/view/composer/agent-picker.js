import { later } from '../../browser/later.js';
import { Preference } from '../../browser/storage.js';
import { loadStyle } from '../../browser/style.js';
import { openAbove } from '../elements/above.js';
import { agentSign } from '../elements/agent-sign.js';
import { setText } from '../elements/dom.js';

/** @import { Agent } from './agent-cards.js' */

/** Who answers a message that names nobody. */
const DEFAULT_AGENT = 'assistant';

const loadCards = later(async () => {
  const [cards] = await Promise.all([import('./agent-cards.js'), loadStyle('css/chat/shell/agents.css')]);
  return cards;
});

/** Which agent is asked, and what it is for. Until the list has come (or if it does not come) the server's default is. */
export class AgentPicker {
  #chip;
  #name;
  #popover;
  #description;
  #missing = null;
  #missingElement;
  #api;
  #preference;
  #chosen = '';
  /** The session's own, until somebody chooses another. @type {string | null} */
  #ofSession = null;
  #isAsked = false;
  /** @type {Map<string, Agent>} */
  #agents = new Map();

  /**
   * @param {{ chip: HTMLElement, name: HTMLElement, popover: HTMLElement, description: HTMLElement, missing: HTMLDetailsElement,
   *   form: HTMLElement }} parts
   */
  constructor({ chip, name, popover, description, missing, form }, { api, storage }) {
    this.#chip = chip;
    this.#name = name;
    this.#popover = popover;
    this.#description = description;
    this.#missingElement = missing;
    this.#api = api;
    this.#preference = new Preference('agent', storage);
    openAbove(popover, { over: form, beside: form });
    popover.addEventListener('change', ({ target }) => {
      this.#preference.value = target.value;
      this.#ofSession = target.value;
      this.#isAsked = false;
      this.#choose(target.value);
    });
    // Whoever points at a card is done; arrow keys go from card to card.
    popover.addEventListener('click', ({ target }) => {
      if (!(target instanceof HTMLInputElement) && target.closest('.agent-card')) {
        setTimeout(() => popover.hidePopover());
      }
    });
    popover.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') {
        popover.hidePopover();
      }
    });
    popover.addEventListener('toggle', ({ newState }) => {
      if (newState === 'open') {
        void this.#showCards().then(() => popover.querySelector('input:checked')?.focus());
      }
    });
  }

  /** The part of the chat frame that is the picker's. */
  get payload() {
    return this.#chosen ? { agent_name: this.#chosen } : {};
  }

  /** @returns {Agent | undefined} who is asked; undefined: the list has not come */
  get agent() {
    return this.#agents.get(this.#chosen);
  }

  /** Another session is shown: it has its own agent, and one that is new has the last that was chosen. */
  enter() {
    this.#ofSession = null;
    this.#isAsked = true;
    this.#chooseAgain();
  }

  /** The session says who answered last. Told again it changes nothing: somebody may have chosen since. @param {string | undefined} name */
  follow(name) {
    if (this.#isAsked && name) {
      this.#isAsked = false;
      this.#ofSession = name;
      this.#chooseAgain();
    }
  }

  #chooseAgain() {
    if (this.#agents.size > 0) {
      this.#choose([this.#ofSession, this.#preference.value, DEFAULT_AGENT].find((name) => this.#agents.has(name))
        ?? this.#agents.keys().next().value);
    }
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
    this.#agents = new Map(agents.map((agent) => [agent.name, agent]));
    this.#chooseAgain();
    if (this.#popover.matches(':popover-open')) {
      void this.#showCards();
    }
  }

  async #showCards() {
    const { agentCards } = await loadCards();
    this.#popover.replaceChildren(agentCards([...this.#agents.values()], this.#chosen));
  }

  #choose(name) {
    this.#chosen = name;
    this.#name.replaceChildren(agentSign(name), name);
    this.#chip.dataset.agent = name;
    const agent = this.#agents.get(name);
    setText(this.#description, agent?.description ?? '');
    void this.#showMissing(agent?.missing_tools ?? []);
  }

  async #showMissing(tools) {
    if (tools.length > 0 || this.#missing) {
      const { MissingTools } = await import('./missing-tools.js');
      this.#missing ??= new MissingTools(this.#missingElement, () => this.#refresh());
      this.#missing.show(tools);
    }
  }
}
