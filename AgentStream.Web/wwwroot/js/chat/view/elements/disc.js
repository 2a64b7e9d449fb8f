import { kindClass, kindOf } from '../../words/step-kinds.js';
import { make } from './dom.js';

/** @param {string} type of step @returns {HTMLElement} its sign on its colour */
export function disc(type) {
  return make('span', { class: `disc step-${kindClass(type)}`, 'aria-hidden': 'true' },
    make('span', { class: 'step-icon' }, kindOf(type).icon));
}

/** @param {HTMLElement} element a disc @param {string} type */
export function setDisc(element, type) {
  const name = `disc step-${kindClass(type)}`;
  if (element.className !== name) {
    element.className = name;
    element.firstChild.textContent = kindOf(type).icon;
  }
}
