import { counted, duration } from './format.js';

/** @import { Run, Takeover } from '../../client/types.js' */

/**
 * What a run outlived: the worker that it was with was lost, and another went on.
 * @param {Run} run
 * @returns {string} empty where nothing happened
 */
export function survivalWords(run) {
  const lost = run.attempt - 1;
  if (lost < 1) {
    return '';
  }

  const first = lost > 1 ? `${counted(lost, 'worker', 'workers')} lost` : 'worker lost';
  const last = run.takeovers.at(-1);
  if (!last) {
    // An older server says that it was, and not when.
    return `${first} · taken over`;
  }

  const after = `taken over after ${duration((last.to - last.from) * 1000)}`;
  if (run.enableReasoning === false) {
    // Its calls are not in the log.
    return `${first} · ${after}`;
  }

  const repeated = run.takeovers.reduce((sum, takeover) => sum + repeatedOf(run, takeover), 0);
  return [
    first,
    after,
    `${counted(last.reused, 'result', 'results')} reused`,
    `${counted(repeated, 'call', 'calls')} repeated`,
  ].join(' · ');
}

// A call that had no result when its worker was lost, and has one now of which nobody has to doubt, was made again.
function repeatedOf({ steps }, { open }) {
  let repeated = 0;
  for (const step of steps.values()) {
    repeated += step.type === 'tool_result' && !step.open && !step.inDoubt && open.includes(step.toolCallId) ? 1 : 0;
  }

  return repeated;
}
