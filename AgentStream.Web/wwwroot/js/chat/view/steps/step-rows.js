import { CallView } from './call.js';
import { StepPlaces } from './step-places.js';
import { StepView } from './step.js';

/** @import { Step } from '../../../client/types.js' */

/**
 * What the views of steps share.
 * @typedef {object} StepTools
 * @property {{ remote: import('../../markdown/remote.js').RemoteBlocks }} markdown
 * @property {boolean} inFull calls are shown as two cards, not as a row
 * @property {boolean} anchors links lead to its steps
 * @property {string} testid of a step
 * @property {boolean} [isProse] a result is Markdown
 */

/** The rows of a run, live or replayed: thoughts and calls in their order, each made once. */
export class StepRows {
  #tools;
  #append;
  #places = new StepPlaces();
  /** @type {Map<string, StepView | CallView>} */
  #rows = new Map();
  /** @type {Map<string, string>} step id to row */
  #rowOf = new Map();
  /** @type {Set<CallView>} */
  #underWay = new Set();
  /** @type {Map<string | null, number>} the row within which rows stand, to the iteration of the last of them */
  #iterations = new Map();

  /** @param {StepTools} tools @param {(row: HTMLElement, step: Step) => void} append one more at the top */
  constructor(tools, append) {
    this.#tools = tools;
    this.#append = append;
  }

  /** @param {Step} step that is new, or has changed @returns {HTMLElement} its row */
  show(step) {
    const { row, list } = this.#places.of(step);
    const before = this.#rowOf.get(step.stepId);
    if (before !== undefined && before !== row) {
      this.#take(step.stepId, before);
    }

    this.#rowOf.set(step.stepId, row);
    const view = this.#rows.get(row);
    if (view) {
      view.update(step);
    } else {
      this.#make(step, row, list);
    }

    this.#watch(this.#rows.get(row));
    return this.#rows.get(row).element;
  }

  /** @param {string} stepId */
  has(stepId) {
    return this.#rowOf.has(stepId);
  }

  /** @param {string} stepId @returns {HTMLElement | undefined} the row that shows it */
  elementOf(stepId) {
    return this.#rows.get(this.#rowOf.get(stepId))?.element;
  }

  /** What is shown next stands after something that was not made here. @param {number | undefined} iteration */
  goOnAfter(iteration) {
    this.#iterations.delete(null);
    if (iteration !== undefined) {
      this.#iterations.set(null, iteration);
    }
  }

  /** @param {string} stepId @returns {boolean} whether it was there */
  remove(stepId) {
    const row = this.#rowOf.get(stepId);
    if (row === undefined) {
      return false;
    }

    this.#places.forget(stepId);
    this.#rowOf.delete(stepId);
    this.#take(stepId, row);
    return true;
  }

  /** Opens what a step stands in. @param {Step | undefined} step @param {(stepId: string) => Step | undefined} stepOf */
  reveal(step, stepOf) {
    for (let inner = step; inner; inner = stepOf(inner.parentStepId)) {
      const row = this.#rows.get(this.#rowOf.get(inner.stepId));
      if (row instanceof CallView) {
        row.open();
      }
    }
  }

  /** Nothing of the run can follow. */
  end() {
    this.#underWay.forEach((call) => call.end());
    this.#underWay.clear();
  }

  /** @param {number} now Unix seconds */
  tick(now) {
    this.#underWay.forEach((call) => call.tick(now));
  }

  #make(step, row, list) {
    const isCall = step.type === 'tool_use' || step.type === 'tool_result';
    const view = isCall ? new CallView(row, this.#tools) : new StepView(row, this.#tools);
    this.#rows.set(row, view);
    const before = this.#iterations.get(list);
    this.#iterations.set(list, step.iteration);
    if (before !== undefined && before !== step.iteration && step.iteration > 0) {
      view.begin(step.iteration);
    }

    view.update(step);
    const outer = list === null ? null : this.#rows.get(list);
    if (outer instanceof CallView) {
      outer.nest(view.element, step);
    } else {
      this.#append(view.element, step);
    }
  }

  #watch(view) {
    if (view instanceof CallView) {
      if (view.isUnderWay) {
        this.#underWay.add(view);
      } else {
        this.#underWay.delete(view);
      }
    }
  }

  #take(stepId, row) {
    const view = this.#rows.get(row);
    if (view?.remove(stepId)) {
      this.#rows.delete(row);
      this.#underWay.delete(view);
    }
  }
}
