/** @import { Run, Step } from '../../client/types.js' */
/** @import { Span } from './timeline.js' */

/**
 * When each step of a run was under way and whose time that was, one step after the other.
 * The log has the end of each step, and how long it took where it was measured. What is not known follows from what stood before it in
 * the same thread: the steps of one agent are made one after the other. What is kept is what the next one needs, so each costs the same.
 */
export class StepTimes {
  #run;
  #origin;
  /** @type {Map<string, number>} thread to where its last finished step ended */
  #ends = new Map();
  /** @type {Map<string, string>} reply to the step that it begins with */
  #firsts = new Map();
  /** @type {Set<string>} steps that have steps of another agent below them */
  #parents = new Set();
  /** @type {Map<string, Step>} tool call id to the step that it was written in */
  #calls = new Map();

  /** @param {Run} run @param {number} origin Unix seconds */
  constructor(run, origin) {
    this.#run = run;
    this.#origin = origin;
  }

  /**
   * @param {number} now Unix seconds
   * @returns {{ waits: { from: number, to: number }[], losses: { from: number, to: number }[] }} when nobody worked, in seconds of the run
   */
  rests(now) {
    const { waits, takeovers } = this.#run;
    return { waits: waits.map((wait) => this.#stretch(wait, now)), losses: takeovers.map((takeover) => this.#stretch(takeover, now)) };
  }

  /**
   * A finished step is told once, after those that ended before it; an open one whenever somebody wants to know how far it is.
   * @param {Step} step
   * @param {number} now Unix seconds
   * @returns {Span}
   */
  spanOf(step, now) {
    const thread = step.parentStepId ?? '';
    this.#hear(step, thread);
    const call = step.type === 'tool_result' ? this.#delegationOf(step) : undefined;
    const kind = call ? 'agent' : step.type === 'tool_result' ? 'tool' : 'model';
    const before = this.#ends.get(thread) ?? this.#endOf(this.#run.steps.get(thread)) ?? 0;
    const to = Math.max((step.finishedAt ?? now) - this.#origin, 0);
    // What a person says takes nobody's time.
    const time = step.type === 'said' ? { asked: to, from: to, to }
      : call ? this.#delegatedTime(call, before, to) : this.#timeOf(step, { thread, kind, before, to, now });
    if (!step.open) {
      this.#ends.set(thread, to);
      if (call) {
        this.#ends.set(call.parentStepId ?? '', to);
      }
    }

    return {
      stepId: step.stepId,
      type: step.type,
      kind,
      toolName: step.toolName,
      agentName: step.agentName,
      parentStepId: step.parentStepId,
      callStepId: call?.stepId,
      iteration: step.iteration,
      ...time,
      open: step.open,
      isError: step.isError || step.inDoubt || step.type === 'error',
      isCut: step.cutOff,
    };
  }

  #hear(step, thread) {
    this.#parents.add(thread);
    if (step.type === 'tool_use' && step.toolCallId) {
      this.#calls.set(step.toolCallId, step);
    }
  }

  // The call to which another agent's work is the answer.
  #delegationOf({ toolCallId }) {
    const call = this.#calls.get(toolCallId);
    return call && this.#parents.has(call.stepId) ? call : undefined;
  }

  #delegatedTime(call, before, to) {
    const begin = Math.min(this.#endOf(call) ?? before, to);
    return { asked: begin, from: begin, to };
  }

  #timeOf(step, { thread, kind, before, to, now }) {
    const { waits, losses } = this.rests(now);
    const reply = `${thread}/${step.iteration}`;
    const isFirst = this.#isFirst(reply, step) && this.#run.enableReasoning && kind === 'model';
    if (step.type === 'tool_use' && !step.open) {
      // All calls of a reply were written before the first of them is made: only that one has a time of its own.
      // Where a person was asked, the call was written before that, and is made after it.
      const begun = latest(before, losses, to);
      const wait = waits.find((one) => middleOf(one) >= begun && middleOf(one) <= to);
      const firstCall = this.#isFirst(`${reply}/calls`, step);
      const written = firstCall ? Math.max(wait?.from ?? to, begun) : to;
      const from = firstCall ? Math.min(begun, written) : to;
      return { asked: from, from, to: written };
    }

    // A rest between two steps is nobody's work.
    const begin = this.#beginOf(step);
    const free = latest(latest(before, waits, begin ?? to), losses, begin ?? to);
    const from = Math.min(Math.max(begin ?? free, 0), to);
    return { asked: isFirst ? Math.min(free, from) : from, from, to };
  }

  #isFirst(reply, { stepId }) {
    if (!this.#firsts.has(reply)) {
      this.#firsts.set(reply, stepId);
    }

    return this.#firsts.get(reply) === stepId;
  }

  #beginOf({ durationMs, startedAt, finishedAt }) {
    if (typeof durationMs === 'number' && finishedAt) {
      return finishedAt - durationMs / 1000 - this.#origin;
    }

    return startedAt ? startedAt - this.#origin : undefined;
  }

  #endOf(step) {
    return step?.finishedAt ? Math.max(step.finishedAt - this.#origin, 0) : undefined;
  }

  #stretch({ from, to }, now) {
    return { from: Math.max(from - this.#origin, 0), to: Math.max((to ?? now) - this.#origin, 0) };
  }
}

// Where somebody could go on, after a moment and every rest before another one.
function latest(moment, rests, until) {
  return rests.reduce((free, rest) => (middleOf(rest) <= until ? Math.max(free, Math.min(rest.to, until)) : free), moment);
}

// Rests are timed by the store and steps by a worker, whose clocks may differ a little: what lies where goes by the middle.
function middleOf({ from, to }) {
  return (from + to) / 2;
}
