import { isAnswer } from '../../client/state/run-state.js';

/** @import { Run } from '../../client/types.js' */

/** @param {Run} run @returns {string} its answer, as the model wrote it */
export function answerOf(run) {
  return [...run.steps.values()].filter(isAnswer).map((step) => step.content ?? step.chunks.join('')).join('\n\n');
}

/**
 * @param {Iterable<Run>} runs
 * @returns {string} what was said and answered, as Markdown; of a message that was changed the newest version
 */
export function conversationText(runs) {
  return [...runs].filter((run) => !run.replacedBy && !run.steeredRunId)
    .map((run) => [...saidIn(run).map((message) => `**You:** ${message}`), answerOf(run) || run.error].filter(Boolean).join('\n\n'))
    .join('\n\n---\n\n');
}

function saidIn({ message, steps }) {
  return [message, ...[...steps.values()].filter(({ type }) => type === 'said').map(({ content }) => content)].filter(Boolean);
}
