/** @import { Run } from '../../client/types.js' */

/**
 * What took the place of what: an edited or regenerated message takes its predecessor and all
 * that followed it out of the conversation, and both stay in the log.
 * So a version of a message is looked at by looking at the conversation as it was until the next version came.
 */

/** The conversation as it is. */
export const NEWEST = Infinity;

/**
 * @typedef {object} Versions
 * @property {Map<string, number>} leftAt run id to the offset at which the run left the conversation; those that are in it are missing
 * @property {Map<string, Run[]>} of run id to all versions of its message that are loaded, the first one first;
 *   only where there are several, or may be
 * @property {Set<string>} cut run ids whose first version is on an earlier page
 */

/**
 * @param {Iterable<Run>} runs in the order of the log
 * @returns {Versions}
 */
export function versionsOf(runs) {
  const known = new Map();
  const chains = new Map();
  const leftAt = new Map();
  const cut = new Set();
  const inIt = [];
  for (const run of runs) {
    known.set(run.runId, run);
    const before = run.replacesRunId;
    if (before !== undefined && !known.has(before)) {
      // What it replaced is on an earlier page, what followed that may be on this one: those say themselves by whom they were replaced.
      while (inIt.length > 0 && inIt.at(-1).replacedBy) {
        leftAt.set(inIt.pop().runId, run.seq);
      }
    } else if (before !== undefined) {
      const from = inIt.findLastIndex(({ seq }) => seq < known.get(before).seq) + 1;
      for (const gone of inIt.splice(from)) {
        leftAt.set(gone.runId, run.seq);
      }
    }

    const chain = chains.get(before) ?? [];
    chain.push(run);
    chains.set(run.runId, chain);
    if (before !== undefined && chain.length === 1) {
      cut.add(run.runId);
    } else if (cut.has(chain[0].runId)) {
      cut.add(run.runId);
    }

    inIt.push(run);
  }

  const of = new Map([...chains].filter(([runId, chain]) => chain.length > 1 || cut.has(runId)));
  return { leftAt, of, cut };
}

/**
 * @param {Run} run
 * @param {Versions} versions
 * @param {number} asOf an offset, or `NEWEST`
 * @returns {boolean} whether the run was in the conversation right before that offset
 */
export function isIn(run, { leftAt }, asOf) {
  return run.seq < asOf && (leftAt.get(run.runId) ?? NEWEST) >= asOf;
}
