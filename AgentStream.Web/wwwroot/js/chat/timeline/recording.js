import { pausesBetween, ShortenedTime } from './pauses.js';
import { timelineOf } from './timeline.js';

/** @import { Run, Step } from '../../client/types.js' */
/** @import { Stretch } from './pauses.js' */

// Nobody watches nothing for longer: a person was asked, a tool worked for minutes, a worker was lost.
const LONGEST_PAUSE_S = 10;
export const PAUSE_SHOWN_S = 2;

/**
 * A run that is over, to be played again: when each piece of each step's text appeared.
 * @typedef {object} Recording
 * @property {{ step: Step, from: number, to: number, pace: number[] }[]} steps in order; `pace` in turn:
 *   a second, and how many characters were there then
 * @property {number} total seconds
 * @property {boolean} exact whether the pieces' own times are known, or only the steps'
 * @property {Stretch[]} pauses in which nothing new was to be seen, and which are played shorter
 * @property {ShortenedTime} time
 */

/**
 * The log hands pieces out merged to whoever comes late, so their times are known only to a page that was there.
 * @param {Run} run
 * @param {number} [now] Unix seconds: how far it is known; as it ended, where it is over
 * @returns {Recording}
 */
export function recordingOf(run, now = run.finishedAt ?? 0) {
  const { spans, total } = timelineOf(run, now);
  const origin = originOf(run, spans);
  const steps = spans.map(({ stepId, from, to }) => {
    const step = run.steps.get(stepId);
    const pace = step.pace.map((value, index) => (index % 2 === 0 ? Math.max(value - origin, 0) : value));
    return { step, from: Math.min(from, pace[0] ?? from), to: Math.max(to, pace.at(-2) ?? 0), pace };
  });
  const streamed = steps.filter(({ step }) => step.content && isText(step));
  const whole = steps.reduce((most, { to }) => Math.max(most, to), total);
  const pauses = pausesBetween(steps.flatMap(seen), whole, LONGEST_PAUSE_S);
  return {
    steps,
    total: whole,
    exact: streamed.length > 0 && streamed.every(({ pace }) => pace.length > 0),
    pauses,
    time: new ShortenedTime(whole, pauses, PAUSE_SHOWN_S),
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

    // Of a result whose pieces nobody saw come it is known only when it was there.
    const spread = isText(step) ? Math.floor(length * ((at - from) / (to - from))) : 0;
    return { step, characters: pace.length > 0 ? charactersAt(pace, at) : spread, open: true };
  });
}

// Text that is spread evenly is to be seen all the time; everything else at its moments.
function seen({ step, from, to, pace }) {
  if (pace.length === 0 && isText(step)) {
    return [{ from, to }];
  }

  const moments = pace.filter((_, index) => index % 2 === 0);
  return [from, ...moments, to].map((moment) => ({ from: moment, to: moment }));
}

function isText({ type }) {
  return type === 'thought' || type === 'final_answer';
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
