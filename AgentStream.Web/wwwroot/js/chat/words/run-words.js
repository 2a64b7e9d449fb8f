import { isStopping } from '../../client/state/run-state.js';
import { counted } from './format.js';

/** @import { Run, State } from '../../client/types.js' */

/** How a run gets on, in words. */

/** @param {Run} run @param {State} state @param {{ readOnly?: boolean }} [who] `readOnly`: whoever looks is not asked anything */
export function statusWords(run, state, { readOnly = false } = {}) {
  if (isStopping(run)) {
    return 'Stopping';
  }

  switch (run.status) {
    case 'queued': {
      if (isSteering(run, state)) {
        return 'For the agent’s next step';
      }

      const ahead = state.queue.indexOf(run.runId) + (state.activeRun ? 1 : 0);
      return ahead > 0 ? `Queued after ${counted(ahead, 'message', 'messages')}` : 'Queued';
    }

    case 'running': return run.attempt > 1 ? `Running again after an interruption (attempt ${run.attempt})` : 'Running';
    case 'waiting': return readOnly ? 'Waiting for a word of its owner' : 'Waiting for your word';
    // What is done says so itself.
    case 'completed': return run.steeredRunId ? 'Told to the run before it' : '';
    case 'failed': return 'Failed';
    case 'cancelled': return 'Cancelled';
    default: return run.status;
  }
}

/** @param {Run} run @param {State} state @returns {boolean} whether the run under way takes its message up at its next step */
export function isSteering({ steersRunId }, { activeRun, runs }) {
  return steersRunId !== undefined && steersRunId === activeRun && !isStopping(runs.get(steersRunId));
}

/** @param {Run} run @returns {string} what went wrong; said once: an error step that says the same has said it */
export function errorOf(run) {
  if (run.status !== 'failed') {
    return '';
  }

  const error = run.error ?? 'The run failed.';
  return [...run.steps.values()].some((step) => step.type === 'error' && step.content === error) ? '' : error;
}
