import { agentSign } from '../elements/agent-sign.js';
import { make } from '../elements/dom.js';

/**
 * @typedef {{ name: string, description?: string, model?: string, tools?: { name: string }[],
 *   missing_tools?: { name: string, reason: string }[] }} Agent
 */

/**
 * Who can be asked, a card each: sign, what for, tools.
 * @param {Agent[]} agents @param {string} chosen its name
 * @returns {HTMLElement}
 */
export function agentCards(agents, chosen) {
  return make('fieldset', { class: 'agent-cards' }, make('legend', { class: 'visually-hidden' }, 'Agent'),
    ...agents.map((agent) => cardOf(agent, agent.name === chosen)));
}

function cardOf({ name, description, tools = [], missing_tools: missing = [] }, isChosen) {
  return make('label', { class: 'agent-card', 'data-testid': 'agent-card', 'data-agent': name },
    make('input', { type: 'radio', class: 'visually-hidden', name: 'agent', value: name, checked: isChosen }),
    agentSign(name),
    make('span', { class: 'agent-card-words' },
      make('span', { class: 'agent-card-name' }, name),
      description ? make('span', { class: 'agent-card-description' }, description) : null,
      tools.length > 0 ? make('span', { class: 'agent-card-tools' }, ...toolsOf(tools)) : null,
      missing.length > 0
        ? make('span', { class: 'agent-card-missing' }, `Missing now: ${missing.map((tool) => tool.name).join(', ')}`)
        : null));
}

function toolsOf(tools) {
  return [make('span', { class: 'visually-hidden' }, 'Tools: '),
    ...tools.flatMap(({ name }, index) => [index > 0 ? ' ' : '', make('code', {}, name)])];
}
