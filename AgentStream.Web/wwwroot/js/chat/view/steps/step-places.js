/** @import { Step } from '../../../client/types.js' */

/**
 * Which steps make one row, and where that row stands: a call and its result are one, found by the call's id,
 * and what another agent did for a call stands within it. No page.
 */
export class StepPlaces {
  /** @type {Map<string, string>} the call's id to the row that shows it */
  #calls = new Map();
  /** @type {Map<string, string>} step id to row */
  #rows = new Map();
  /** @type {Map<string, string | null>} row to the row within which it stands */
  #lists = new Map();
  /** @type {Map<string, string | null>} rows of calls, in their order, to the step that has or may have the result */
  #results = new Map();

  /**
   * @param {Step} step as it is now; a finished one may stand elsewhere than before
   * @returns {{ row: string, list: string | null }} `row`: the id of its first step; `list`: the row of a call, or null at the top
   */
  of(step) {
    const row = this.#rowOf(step);
    this.#rows.set(step.stepId, row);
    if (!this.#lists.has(row)) {
      this.#lists.set(row, this.#listOf(step));
    }

    return { row, list: this.#lists.get(row) };
  }

  /** It was taken back. @param {string} stepId */
  forget(stepId) {
    const row = this.#rows.get(stepId);
    this.#rows.delete(stepId);
    if (this.#results.get(row) === stepId) {
      this.#results.set(row, null);
    }

    if (row === stepId) {
      this.#results.delete(row);
    }
  }

  #rowOf(step) {
    if (step.type === 'tool_use') {
      this.#results.set(step.stepId, this.#results.get(step.stepId) ?? null);
      if (step.toolCallId) {
        this.#calls.set(step.toolCallId, step.stepId);
      }

      return step.stepId;
    }

    if (step.type !== 'tool_result') {
      return step.stepId;
    }

    const row = this.#calls.get(step.toolCallId) ?? (step.open ? this.#guess(step) : step.stepId);
    const before = this.#rows.get(step.stepId);
    if (before !== row && this.#results.get(before) === step.stepId) {
      this.#results.set(before, null);
    }

    if (this.#results.has(row)) {
      this.#results.set(row, step.stepId);
    }

    return row;
  }

  // A result that is still coming does not say whose it is: the first call that waits for one, until the finished step tells.
  #guess(step) {
    const list = this.#listOf(step);
    for (const [row, result] of this.#results) {
      if ((result === null || result === step.stepId) && this.#lists.get(row) === list) {
        return row;
      }
    }

    return this.#results.get(list) === null ? list : step.stepId;
  }

  #listOf({ parentStepId }) {
    const row = this.#rows.get(parentStepId) ?? null;
    return row === null || this.#results.has(row) ? row : this.#lists.get(row) ?? null;
  }
}
