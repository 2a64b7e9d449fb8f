import { make } from '../elements/dom.js';

/** @param {string} stepId @returns {HTMLElement} leads to the step, from elsewhere too */
export function stepLink(stepId) {
  return make('a', {
    class: 'step-link',
    href: `${location.pathname}${location.search}#step-${stepId}`,
    'aria-label': 'Link to this step',
    title: 'Link to this step',
  }, '#');
}
