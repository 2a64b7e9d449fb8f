import { StepPlaces } from './step-places.js';

/** @import { Step } from '../../../client/types.js' */

/**
 * The rows that steps will make, before any is made.
 * @typedef {object} PlannedRow
 * @property {Step[]} steps all that it shows, in their order, what stands within it too
 * @property {number | undefined} after the iteration of the row before it
 */

/** @param {Iterable<Step>} steps of a run that is over @returns {Map<string, PlannedRow>} the rows at the top, by their id */
export function planRows(steps) {
  const places = new StepPlaces();
  /** @type {Map<string, string>} row to the row at the top within which it stands */
  const tops = new Map();
  const planned = new Map();
  let last;
  for (const step of steps) {
    const { row, list } = places.of(step);
    const top = tops.get(row) ?? (list === null ? row : tops.get(list) ?? row);
    tops.set(row, top);
    if (planned.has(top)) {
      planned.get(top).steps.push(step);
    } else {
      planned.set(top, { steps: [step], after: last });
      last = step.iteration;
    }
  }

  return planned;
}
