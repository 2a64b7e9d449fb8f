import { isOver } from '../../client/state/run-state.js';
import { StepTimes } from './step-times.js';

/** @import { Run } from '../../client/types.js' */

/**
 * When each step of a run was under way, in seconds from the run's start: what the pictures, their tables and the replay show.
 * @typedef {object} Span
 * @property {string} stepId
 * @property {string} type
 * @property {'model' | 'tool' | 'agent'} kind whose time it was; `agent`: a call in which another agent worked,
 *   whose own steps say whose time that was
 * @property {string} [toolName]
 * @property {string} [agentName]
 * @property {string} [parentStepId]
 * @property {string} [callStepId] of an `agent`: the step in which the call was written
 * @property {number} iteration
 * @property {number} asked when the model was asked for it, where that is known; what lies before `from` is the wait for its first token
 * @property {number} from
 * @property {number} to
 * @property {boolean} open
 * @property {boolean} isError it failed, or nobody knows what became of it
 * @property {boolean} isCut it was cut off
 */

/**
 * A stretch in which nobody worked: the run waited for a person, or its worker was lost.
 * @typedef {{ from: number, to: number }} Rest
 */

/**
 * @param {Run} run
 * @param {number} now Unix seconds: where a run that is not over has come to
 * @returns {{ spans: Span[], waits: Rest[], losses: Rest[], total: number }}
 */
export function timelineOf(run, now) {
  const steps = [...run.steps.values()];
  const known = steps.flatMap((step) => [step.startedAt, step.finishedAt]).filter((time) => time > 0);
  const origin = Math.min(run.startedAt ?? Infinity, extremes(known)[0] ?? Infinity);
  if (!Number.isFinite(origin)) {
    return { spans: [], waits: [], losses: [], total: 0 };
  }

  const times = new StepTimes(run, origin);
  const spans = steps.map((step) => times.spanOf(step, now));
  const end = isOver(run) ? (run.finishedAt ? run.finishedAt - origin : (run.durationMs ?? 0) / 1000) : now - origin;
  return { spans, ...times.rests(now), total: Math.max(end, extremes(spans.map(({ to }) => to))[1] ?? 0) };
}

/**
 * How long the model and the tools were at work, and how long nobody was; what overlaps counts once.
 * In a call in which another agent works, all that is not its tools' time is its model's.
 * @param {Span[]} spans
 * @param {Rest[]} [waits] for a person
 * @param {Rest[]} [losses] in which the run had no worker
 * @returns {{ model: number, tool: number, wait: number, lost: number }} seconds
 */
export function shares(spans, waits = [], losses = []) {
  const tools = spans.filter(({ kind }) => kind === 'tool');
  const rest = covered([...waits, ...losses]);
  const tool = covered([...tools, ...waits, ...losses]);
  const all = covered([...spans.map(({ asked, from, to }) => ({ from: asked ?? from, to })), ...waits, ...losses]);
  const wait = covered(waits);
  return { model: all - tool, tool: tool - rest, wait, lost: rest - wait };
}

function covered(spans) {
  let sum = 0;
  let until = 0;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(to - Math.max(from, until), 0);
    until = Math.max(until, to);
  }

  return sum;
}

// Not Math.min(...): a run may have more steps than a call takes arguments.
function extremes(numbers) {
  return numbers.length === 0 ? [] : [numbers.reduce((a, b) => Math.min(a, b)), numbers.reduce((a, b) => Math.max(a, b))];
}
