/** @import { Run, Takeover } from '../types.js' */

/**
 * @param {Run} run as the worker left it that was lost
 * @param {number} at when another took over, in Unix seconds
 * @returns {Takeover}
 */
export function takeoverOf(run, at) {
  const results = new Set();
  const calls = new Map();
  const begun = new Set();
  for (const step of run.steps.values()) {
    begun.add(step.parentStepId);
    if (step.type === 'tool_use' && step.toolCallId) {
      calls.set(step.toolCallId, step.stepId);
    } else if (step.type === 'tool_result' && !step.open) {
      results.add(step.toolCallId);
    }
  }

  // Another agent that has begun goes on where it was: its call is not made again.
  const open = [...calls].filter(([call, stepId]) => !results.has(call) && !begun.has(stepId)).map(([call]) => call);
  return { from: Math.min(run.heardAt ?? at, at), to: at, reused: results.size, open };
}

/** @param {any} takeover of a transcript @returns {Takeover} */
export function takeoverFromMessage({ from, to, reused, open_calls: open }) {
  return { from, to, reused: reused ?? 0, open: open ?? [] };
}
