import { isOver } from '../../client/state/run-state.js';
import { Axis } from './axis.js';
import { StepTimes } from './step-times.js';

/** @import { Run, Step } from '../../client/types.js' */
/** @import { Span } from './timeline.js' */

/**
 * A step on the lane of the agent that made it.
 * @typedef {Span & { lane: number }} TraceSpan
 */

/**
 * What the page shows as one row: a thought, an answer, or a call with its result.
 * @typedef {object} TraceRow
 * @property {string} stepId of its first step
 * @property {number} lane
 * @property {TraceSpan[]} spans
 */

/**
 * One agent's work. Where two of a name work at the same time, each has a lane.
 * @typedef {object} Lane
 * @property {string} agentName
 * @property {number} depth 0: nobody delegated to it
 * @property {TraceRow[]} rows in the order in which they began
 */

/**
 * Work that one agent gave to another.
 * @typedef {object} Delegation
 * @property {string} callStepId
 * @property {number} outer the lane of the one who asked
 * @property {number} lane
 * @property {number} from seconds of the run
 * @property {number | null} to null while it goes on
 * @property {boolean} isError
 */

/**
 * A run as spans on lanes, kept up to date step by step: each change costs the same, however many steps there were before it.
 * Of a step that streams nothing is done between its first token and its end.
 */
export class Trace {
  #run;
  #origin;
  #times;
  /** @type {Map<string, TraceSpan>} the steps that go on */
  #open = new Map();
  /** @type {Map<string, TraceRow>} */
  #rowOf = new Map();
  /** @type {Map<string, TraceRow>} tool call id to the row of the call */
  #calls = new Map();
  /** @type {Map<string, number>} thread to its lane */
  #threads = new Map([['', 0]]);
  /** Lanes on which somebody works. */
  #taken = new Set([0]);
  #latest = 0;
  /** @type {Lane[]} */
  lanes;
  /** @type {TraceRow[]} in the order in which they began */
  rows = [];
  /** @type {Map<string, Delegation>} by the step of the call */
  delegations = new Map();

  /** @param {Run} run @param {number} now Unix seconds */
  constructor(run, now) {
    const [first] = run.steps.values();
    this.#run = run;
    this.#origin = run.startedAt ?? first?.startedAt ?? first?.finishedAt ?? run.queuedAt ?? now;
    this.#times = new StepTimes(run, this.#origin);
    this.lanes = [{ agentName: run.agentName ?? '', depth: 0, rows: [] }];
    run.steps.forEach((step) => this.take(step, now));
  }

  get run() {
    return this.#run;
  }

  /** @returns {Iterable<TraceSpan>} those that go on, as of the last look */
  get open() {
    return this.#open.values();
  }

  /** @param {string} stepId @returns {TraceRow | undefined} */
  rowOf(stepId) {
    return this.#rowOf.get(stepId);
  }

  /**
   * @param {Step} step that is new, or has changed
   * @param {number} now Unix seconds
   * @returns {TraceSpan | null} what is to be drawn; null: nothing is there that was not before
   */
  take(step, now) {
    const known = this.#rowOf.get(step.stepId);
    if (known && (step.open || !this.#open.has(step.stepId))) {
      return null;
    }

    this.#open.delete(step.stepId);
    const lane = this.#laneOf(step);
    const span = this.#spanOf(step, now, lane);
    if (step.open) {
      this.#open.set(step.stepId, span);
    } else {
      this.#latest = Math.max(this.#latest, span.to);
      this.#endDelegation(span);
    }

    this.#place(step, span, known);
    return span;
  }

  /** What goes on has come so far. @param {number} now Unix seconds */
  grow(now) {
    for (const [stepId, span] of this.#open) {
      Object.assign(span, this.#times.spanOf(this.#run.steps.get(stepId), now));
    }
  }

  /** @param {number} now Unix seconds @returns {Axis} */
  axis(now) {
    const { status, finishedAt, durationMs } = this.#run;
    const over = isOver(this.#run);
    const told = !over ? now - this.#origin : finishedAt ? finishedAt - this.#origin : (durationMs ?? 0) / 1000;
    return new Axis(this.#times.rests(now), Math.max(told, this.#latest, 0), { isOver: over, isWaiting: status === 'waiting' });
  }

  /** @param {TraceRow} row @param {1 | -1} way @returns {TraceRow | undefined} the one after it, or before */
  beside(row, way) {
    return this.rows[this.rows.indexOf(row) + way];
  }

  /**
   * @param {number} lane
   * @param {number} at seconds of the run
   * @param {number} near seconds: so far from it is still meant
   * @returns {TraceRow | null} what was under way then; of several the one that began last
   */
  rowAt(lane, at, near) {
    const rows = this.lanes[lane]?.rows ?? [];
    let best = null;
    let bestAway = near;
    // They begin one after the other: neither what began after the moment is it, nor what began long before.
    const least = Math.max(firstAfter(rows, at - near) - LOOK_BACK, 0);
    for (let index = firstAfter(rows, at + near) - 1; index >= least; index -= 1) {
      const away = Math.max(beginOf(rows[index]) - at, at - endOf(rows[index]), 0);
      if (away < bestAway || (away === 0 && best === null)) {
        [best, bestAway] = [rows[index], away];
      }
    }

    return best;
  }

  // A call and its result stand in one row.
  #place(step, span, known) {
    const row = known ?? this.#rowOfCall(step) ?? { stepId: step.stepId, lane: span.lane, spans: [] };
    if (row.spans.length === 0) {
      this.rows.push(row);
      this.lanes[row.lane].rows.push(row);
    }

    const at = row.spans.findIndex(({ stepId }) => stepId === step.stepId);
    row.spans.splice(at < 0 ? row.spans.length : at, at < 0 ? 0 : 1, span);
    this.#rowOf.set(step.stepId, row);
    if (step.type === 'tool_use' && step.toolCallId) {
      this.#calls.set(step.toolCallId, row);
    }
  }

  #rowOfCall({ type, toolCallId }) {
    return type === 'tool_result' && toolCallId ? this.#calls.get(toolCallId) : undefined;
  }

  // The answer to a delegated call stands where it was made.
  #spanOf(step, now, lane) {
    const span = this.#times.spanOf(step, now);
    return { ...span, lane: span.callStepId ? this.#rowOf.get(span.callStepId)?.lane ?? 0 : lane };
  }

  #laneOf(step) {
    const thread = step.parentStepId ?? '';
    if (!this.#threads.has(thread)) {
      const outer = this.#rowOf.get(thread);
      if (step.type === 'tool_result' && this.#rowOfCall(step) === outer) {
        // Nobody has worked for it: it failed before that.
        return outer?.lane ?? 0;
      }

      const lane = this.#freeLane(step.agentName ?? '', this.lanes[outer?.lane ?? 0].depth + 1);
      this.#threads.set(thread, lane);
      this.delegations.set(thread,
        { callStepId: thread, outer: outer?.lane ?? 0, lane, from: outer ? endOf(outer) : this.#latest, to: null, isError: false });
    }

    return this.#threads.get(thread);
  }

  #freeLane(agentName, depth) {
    const free = this.lanes.findIndex((lane, index) => !this.#taken.has(index) && lane.agentName === agentName && lane.depth === depth);
    const index = free >= 0 ? free : this.lanes.push({ agentName, depth, rows: [] }) - 1;
    this.#taken.add(index);
    return index;
  }

  #endDelegation({ callStepId, to, isError }) {
    const delegation = this.delegations.get(callStepId);
    if (delegation) {
      Object.assign(delegation, { to, isError });
      this.#taken.delete(delegation.lane);
    }
  }
}

// Calls of a reply are made at the same time, and end one after the other.
const LOOK_BACK = 24;

/** @param {TraceRow} row @returns {number} seconds of the run */
export function beginOf({ spans }) {
  return spans[0].asked;
}

/** @param {TraceRow} row @returns {number} seconds of the run */
export function endOf({ spans }) {
  return spans.reduce((end, { to }) => Math.max(end, to), 0);
}

// The index of the first row that begins after a moment.
function firstAfter(rows, at) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (beginOf(rows[middle]) <= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }

  return low;
}
