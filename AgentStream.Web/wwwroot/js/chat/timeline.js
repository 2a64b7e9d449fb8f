/** @import { Run, Step } from './types.js' */

/**
 * When each step of a run was under way, in seconds from the run's start: what the picture, its table and the replay show.
 * @typedef {object} Span
 * @property {string} stepId
 * @property {string} type
 * @property {'model' | 'tool'} kind whose time it was
 * @property {string} [toolName]
 * @property {string} [agentName]
 * @property {string} [parentStepId]
 * @property {number} iteration
 * @property {number} from
 * @property {number} to
 * @property {boolean} open
 * @property {boolean} isError
 */

/**
 * @param {Run} run
 * @param {number} now Unix seconds: where a step that is open has come to
 * @returns {{ spans: Span[], total: number }}
 */
export function timelineOf(run, now) {
  const steps = [...run.steps.values()];
  const known = steps.flatMap((step) => [step.startedAt, step.finishedAt]).filter((time) => time > 0);
  const origin = Math.min(run.startedAt ?? Infinity, extremes(known)[0] ?? Infinity);
  if (!Number.isFinite(origin)) {
    return { spans: [], total: 0 };
  }

  // What only its end is known of began when what stood before it in the same thread of steps ended.
  const lastEnds = new Map();
  const spans = steps.map((step) => {
    const thread = step.parentStepId ?? '';
    const to = Math.max((step.finishedAt ?? now) - origin, 0);
    const before = lastEnds.get(thread) ?? lastEnds.get('') ?? 0;
    const from = Math.min(Math.max(beginOf(step, origin, before), 0), to);
    lastEnds.set(thread, to);
    return {
      stepId: step.stepId,
      type: step.type,
      kind: step.type === 'tool_result' ? 'tool' : 'model',
      toolName: step.toolName,
      agentName: step.agentName,
      parentStepId: step.parentStepId,
      iteration: step.iteration,
      from,
      to,
      open: step.open,
      isError: step.isError || step.type === 'error',
    };
  });
  const end = run.finishedAt ? run.finishedAt - origin : (run.durationMs ?? 0) / 1000;
  return { spans, total: Math.max(end, extremes(spans.map(({ to }) => to))[1] ?? 0) };
}

/**
 * How long the model and the tools were at work; what overlaps counts once.
 * @param {Span[]} spans
 * @returns {{ model: number, tool: number }} seconds
 */
export function shares(spans) {
  return { model: covered(spans.filter(({ kind }) => kind === 'model')), tool: covered(spans.filter(({ kind }) => kind === 'tool')) };
}

/** @param {Run} run @returns {number} the calls whose result, or at least whose call, is there */
export function toolCalls(run) {
  const ids = new Set();
  for (const step of run.steps.values()) {
    if (step.type === 'tool_use' || step.type === 'tool_result') {
      ids.add(step.toolCallId ?? step.stepId);
    }
  }

  return ids.size;
}

function beginOf(step, origin, before) {
  if (typeof step.durationMs === 'number' && step.finishedAt) {
    return step.finishedAt - step.durationMs / 1000 - origin;
  }

  return step.startedAt ? step.startedAt - origin : before;
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
