import { timelineOf } from './timeline.js';

/** @import { Run, Step } from './types.js' */

/**
 * A run that is over, to be played again: when each piece of each step's text appeared.
 * @typedef {object} Recording
 * @property {{ step: Step, from: number, to: number, pace: number[] }[]} steps in order; `pace` in turn: a second, and how many characters were there then
 * @property {number} total seconds
 * @property {boolean} exact whether the pieces' own times are known, or only the steps'
 */

/**
 * The log hands pieces out merged to whoever comes late, so their times are known only to a page that was there.
 * @param {Run} run
 * @returns {Recording}
 */
export function recordingOf(run) {
  const { spans, total } = timelineOf(run, run.finishedAt ?? 0);
  const origin = originOf(run, spans);
  const steps = spans.map(({ stepId, from, to }) => {
    const step = run.steps.get(stepId);
    const pace = step.pace.map((value, index) => (index % 2 === 0 ? Math.max(value - origin, 0) : value));
    return { step, from: Math.min(from, pace[0] ?? from), to: Math.max(to, pace.at(-2) ?? 0), pace };
  });
  const streamed = steps.filter(({ step }) => step.content && (step.type === 'thought' || step.type === 'final_answer'));
  return {
    steps,
    total: steps.reduce((most, { to }) => Math.max(most, to), total),
    exact: streamed.length > 0 && streamed.every(({ pace }) => pace.length > 0),
  };
}

/**
 * How much of each step was there at a moment.
 * @param {Recording} recording
 * @param {number} at seconds
 * @returns {{ step: Step, characters: number, open: boolean }[]} the steps that had begun
 */
export function momentOf(recording, at) {
  return recording.steps.filter(({ from }) => from <= at).map(({ step, from, to, pace }) => {
    const length = step.content?.length ?? 0;
    if (at >= to) {
      return { step, characters: length, open: false };
    }

    return { step, characters: pace.length > 0 ? charactersAt(pace, at) : Math.floor(length * ((at - from) / (to - from))), open: true };
  });
}

function charactersAt(pace, at) {
  let low = 0;
  let high = pace.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pace[middle * 2] <= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }

  return low === 0 ? 0 : pace[low * 2 - 1];
}

function originOf(run, spans) {
  if (run.startedAt) {
    return run.startedAt;
  }

  const [first] = spans;
  const step = first && run.steps.get(first.stepId);
  return step?.finishedAt ? step.finishedAt - first.to : 0;
}
