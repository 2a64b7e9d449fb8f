import { isOver } from '../state/run-state.js';

/** @import { Run, Step } from '../types.js' */

/**
 * When each step of a run was under way, in seconds from the run's start: what the picture, its table and the replay show.
 * @typedef {object} Span
 * @property {string} stepId
 * @property {string} type
 * @property {'model' | 'tool' | 'agent'} kind whose time it was; `agent`: a call in which another agent worked,
 *   whose own steps say whose time that was
 * @property {string} [toolName]
 * @property {string} [agentName]
 * @property {string} [parentStepId]
 * @property {number} iteration
 * @property {number} asked when the model was asked for it, where that is known; what lies before `from` is the wait for its first token
 * @property {number} from
 * @property {number} to
 * @property {boolean} open
 * @property {boolean} isError
 */

/**
 * A stretch in which the run waited for a person.
 * @typedef {{ from: number, to: number }} Wait
 */

/**
 * @param {Run} run
 * @param {number} now Unix seconds: where a run that is not over has come to
 * @returns {{ spans: Span[], waits: Wait[], total: number }}
 */
export function timelineOf(run, now) {
  const steps = [...run.steps.values()];
  const known = steps.flatMap((step) => [step.startedAt, step.finishedAt]).filter((time) => time > 0);
  const origin = Math.min(run.startedAt ?? Infinity, extremes(known)[0] ?? Infinity);
  if (!Number.isFinite(origin)) {
    return { spans: [], waits: [], total: 0 };
  }

  const waits = run.waits.map(({ from, to }) => ({ from: Math.max(from - origin, 0), to: Math.max((to ?? now) - origin, 0) }));
  const spans = spansOf(run, steps, { origin, now, waits });
  const end = isOver(run) ? (run.finishedAt ? run.finishedAt - origin : (run.durationMs ?? 0) / 1000) : now - origin;
  return { spans, waits, total: Math.max(end, extremes(spans.map(({ to }) => to))[1] ?? 0) };
}

/**
 * How long the model and the tools were at work, and how long the run waited for a person; what overlaps counts once.
 * In a call in which another agent works, all that is not its tools' time is its model's.
 * @param {Span[]} spans
 * @param {Wait[]} [waits]
 * @returns {{ model: number, tool: number, wait: number }} seconds
 */
export function shares(spans, waits = []) {
  const tools = spans.filter(({ kind }) => kind === 'tool');
  const tool = covered([...tools, ...waits]);
  const all = covered([...spans.map(({ asked, from, to }) => ({ from: asked ?? from, to })), ...waits]);
  const wait = covered(waits);
  return { model: all - tool, tool: tool - wait, wait };
}

// The log has the end of each step, and how long it took where it was measured.
// What is not known follows from what stood before it in the same thread: the steps of one agent are made one after the other.
function spansOf(run, steps, { origin, now, waits }) {
  const parents = new Set(steps.map(({ parentStepId }) => parentStepId).filter(Boolean));
  const delegated = new Map(steps.filter(({ type, stepId, toolCallId }) => type === 'tool_use' && toolCallId && parents.has(stepId))
    .map((step) => [step.toolCallId, step]));
  const ends = new Map();
  const begun = new Set();
  return steps.map((step) => {
    const thread = step.parentStepId ?? '';
    const call = step.type === 'tool_result' ? delegated.get(step.toolCallId) : undefined;
    const before = ends.get(thread) ?? endOf(run.steps.get(thread), origin) ?? 0;
    const to = Math.max((step.finishedAt ?? now) - origin, 0);
    const reply = `${thread}/${step.iteration}`;
    const isFirst = !begun.has(reply);
    begun.add(reply);
    ends.set(thread, to);
    if (call) {
      ends.set(call.parentStepId ?? '', to);
    }

    const kind = call ? 'agent' : step.type === 'tool_result' ? 'tool' : 'model';
    const begin = call && Math.min(endOf(call, origin) ?? before, to);
    const time = call
      ? { asked: begin, from: begin, to }
      : timeOf(step, {
        origin,
        before,
        to,
        isFirst: isFirst && run.enableReasoning && kind === 'model',
        firstCall: isFirstCall(begun, step, reply),
        waits,
      });
    return {
      stepId: step.stepId,
      type: step.type,
      kind,
      toolName: step.toolName,
      agentName: step.agentName,
      parentStepId: step.parentStepId,
      iteration: step.iteration,
      ...time,
      open: step.open,
      isError: step.isError || step.type === 'error',
    };
  });
}

// All calls of a reply were written before the first of them is made: only that one has a time of its own.
function isFirstCall(begun, { type }, reply) {
  if (type !== 'tool_use') {
    return false;
  }

  const calls = `${reply}/calls`;
  const first = !begun.has(calls);
  begun.add(calls);
  return first;
}

function timeOf(step, { origin, before, to, isFirst, firstCall, waits }) {
  if (step.type === 'tool_use' && !step.open) {
    // Where a person was asked, the call was written before that, and is made after it.
    const wait = waits.find((one) => middleOf(one) >= before && middleOf(one) <= to);
    const written = firstCall ? Math.max(wait?.from ?? to, before) : to;
    const from = firstCall ? Math.min(before, written) : to;
    return { asked: from, from, to: written };
  }

  // A wait between two steps is nobody's work.
  const begin = beginOf(step, origin);
  const latest = begin ?? to;
  const free = waits.reduce((moment, wait) => (middleOf(wait) <= latest ? Math.max(moment, Math.min(wait.to, latest)) : moment), before);
  const from = Math.min(Math.max(begin ?? free, 0), to);
  return { asked: isFirst ? Math.min(free, from) : from, from, to };
}

// Waits are timed by the store and steps by a worker, whose clocks may differ a little: what lies where goes by the middle.
function middleOf({ from, to }) {
  return (from + to) / 2;
}

function beginOf(step, origin) {
  if (typeof step.durationMs === 'number' && step.finishedAt) {
    return step.finishedAt - step.durationMs / 1000 - origin;
  }

  return step.startedAt ? step.startedAt - origin : undefined;
}

function endOf(step, origin) {
  return step?.finishedAt ? Math.max(step.finishedAt - origin, 0) : undefined;
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
