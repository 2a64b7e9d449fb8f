import { make } from '../elements/dom.js';

const GROUP_STEPS = 25;
const ABOUT_REM = 2.4;
const NEAR_PX = 1_500;

/**
 * The rows of a run, in groups: the browser lays out those that are near the reader.
 * The many steps of a run that is over are made group by group, when the reader comes near them.
 */
export class StepList {
  element = make('div', { class: 'steps' });
  #group = null;
  #size = 0;
  /** @type {Map<Element, string[]>} groups that are not made yet */
  #planned = new Map();
  #make = null;
  #observer = null;

  /** @param {HTMLElement} step */
  append(step) {
    if (!this.#group || this.#size >= GROUP_STEPS) {
      this.#group = make('div', { class: 'step-group' });
      this.#size = 0;
      this.element.append(this.#group);
    }

    this.#size += 1;
    this.#group.append(step);
  }

  /** @param {string[]} stepIds @param {(stepId: string) => HTMLElement} makeStep */
  plan(stepIds, makeStep) {
    this.#make = makeStep;
    this.#observer = new IntersectionObserver((entries) => {
      entries.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => this.#fill(target));
    }, { rootMargin: `${NEAR_PX}px 0px` });
    for (let at = 0; at < stepIds.length; at += GROUP_STEPS) {
      const ids = stepIds.slice(at, at + GROUP_STEPS);
      const group = make('div', { class: 'step-group' });
      group.style.minHeight = `${ids.length * ABOUT_REM}rem`;
      this.#planned.set(group, ids);
      this.element.append(group);
      this.#observer.observe(group);
    }
  }

  /** Makes the group of a step, if it is not there yet. @param {string} stepId */
  ensure(stepId) {
    for (const [group, ids] of this.#planned) {
      if (ids.includes(stepId)) {
        this.#fill(group);
        return;
      }
    }
  }

  /** All of them, for paper. */
  ensureAll() {
    [...this.#planned.keys()].forEach((group) => this.#fill(group));
  }

  dispose() {
    this.#observer?.disconnect();
  }

  #fill(group) {
    const ids = this.#planned.get(group);
    if (ids) {
      this.#planned.delete(group);
      this.#observer.unobserve(group);
      group.append(...ids.map((stepId) => this.#make(stepId)));
      group.style.minHeight = '';
    }
  }
}
