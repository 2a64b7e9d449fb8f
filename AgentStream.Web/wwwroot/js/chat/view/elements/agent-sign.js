import { agentClass, agentLetters } from '../../words/agent-look.js';
import { make } from './dom.js';

/** @param {string} name of an agent, which stands beside it: this is for the eye alone @returns {HTMLElement} */
export function agentSign(name) {
  return make('span', { class: `agent-sign ${agentClass(name)}`, 'data-letters': agentLetters(name), 'aria-hidden': 'true' });
}
