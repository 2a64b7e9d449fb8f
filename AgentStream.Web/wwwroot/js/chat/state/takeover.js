/** @import { Run, Takeover } from '../types.js' */

/**
 * @param {Run} run as the worker left it that was lost
 * @param {number} at when another took over, in Unix seconds
 * @returns {Takeover}
 */
export function takeoverOf(run, at) {
  const results = new Set();
  const calls = new Set();
  for (const step of run.steps.values()) {
    if (step.type === 'tool_use' && step.toolCallId) {
      calls.add(step.toolCallId);
    } else if (step.type === 'tool_result' && !step.open) {
      results.add(step.toolCallId);
    }
  }

  return { after: Math.max(at - (run.heardAt ?? at), 0), reused: results.size, open: [...calls].filter((call) => !results.has(call)) };
}
