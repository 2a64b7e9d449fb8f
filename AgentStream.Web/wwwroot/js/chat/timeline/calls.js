/** @import { Run } from '../../client/types.js' */

/** @param {Run} run @returns {number} the calls whose result, or at least whose call, is there */
export function toolCalls(run) {
  const ids = new Set();
  for (const step of run.steps.values()) {
    if (step.type === 'tool_use' || step.type === 'tool_result') {
      ids.add(step.toolCallId ?? step.stepId);
    }
  }

  return ids.size;
}

/** @param {Run} run @returns {number} the calls that failed, or of which nobody knows what became */
export function failedCalls(run) {
  let failed = 0;
  for (const step of run.steps.values()) {
    failed += step.type === 'tool_result' && (step.isError || step.inDoubt) ? 1 : 0;
  }

  return failed;
}
