import { timelineOf } from './timeline.js';

/** @import { Frame, Run, Step } from './types.js' */

/**
 * A run that is over, to be played again: when each piece of each step's text appeared.
 * @typedef {object} Recording
 * @property {{ step: Step, from: number, to: number, marks: [number, number][] }[]} steps in order; a mark: at this second so many characters were there
 * @property {number} total seconds
 * @property {boolean} exact whether the pieces' own times are known, or only the steps'
 */

/**
 * From what the log still has of the run: the pace of each token.
 * @param {Run} run
 * @param {Frame[]} frames the run's entries, in order
 * @returns {Recording}
 */
export function recordingOf(run, frames) {
  const { spans, total } = timelineOf(run, run.finishedAt ?? 0);
  const origin = originOf(run, spans);
  const marks = new Map();
  for (const { type, timestamp, data } of frames) {
    if (type === 'step_delta') {
      const of = marks.get(data.step_id) ?? [];
      of.push([Math.max(timestamp - origin, 0), (of.at(-1)?.[1] ?? 0) + data.delta.length]);
      marks.set(data.step_id, of);
    }
  }

  const steps = spans.map((span) => {
    const own = marks.get(span.stepId);
    const from = own ? Math.min(own[0][0], span.from) : span.from;
    return { step: run.steps.get(span.stepId), from, to: Math.max(span.to, own?.at(-1)[0] ?? 0), marks: own ?? [] };
  });
  return { steps, total: Math.max(total, steps.reduce((most, { to }) => Math.max(most, to), 0)), exact: marks.size > 0 };
}

/**
 * How much of each step was there at a moment.
 * @param {Recording} recording
 * @param {number} at seconds
 * @returns {{ step: Step, characters: number, open: boolean }[]} the steps that had begun
 */
export function momentOf(recording, at) {
  return recording.steps.filter(({ from }) => from <= at).map(({ step, from, to, marks }) => {
    const length = step.content?.length ?? 0;
    if (at >= to) {
      return { step, characters: length, open: false };
    }

    return { step, characters: marks.length > 0 ? charactersAt(marks, at) : Math.floor(length * ((at - from) / (to - from))), open: true };
  });
}

function charactersAt(marks, at) {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle][0] <= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }

  return low === 0 ? 0 : marks[low - 1][1];
}

function originOf(run, spans) {
  if (run.startedAt) {
    return run.startedAt;
  }

  const [first] = spans;
  const step = first && run.steps.get(first.stepId);
  return step?.finishedAt ? step.finishedAt - first.to : 0;
}
