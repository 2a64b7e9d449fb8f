import { isOver } from '../../client/state/run-state.js';
import { ChangeSet } from '../state/store.js';
import { momentOf, recordingOf } from './recording.js';

/** @import { Run, State, Step } from '../../client/types.js' */

/**
 * A session as it was at a moment of one of its runs: what came before that run is whole, what came after it is not there yet.
 * The state is a function of the log, so this is what somebody who looked at that moment saw.
 */
export class Moment {
  #whole;
  #recording;
  /** @type {Run} */
  #run;
  /** @type {Map<string, { characters: number, open: boolean, chunks: string[] }>} */
  #shown = new Map();
  #isFirst = true;
  /** @type {State} */
  state;
  /** Unix seconds. */
  now;

  /** @param {State} state @param {Run} run of it @param {number} now Unix seconds: how far a run is known that is not over */
  constructor(state, run, now) {
    this.#whole = { ...run, steps: new Map([...run.steps].map(([stepId, step]) => [stepId, whole(step)])) };
    this.#recording = recordingOf(this.#whole, run.finishedAt ?? now);
    this.#run = { ...run, steps: new Map(), approvals: new Map(), uncountedCharacters: 0 };
    this.state = stateUntil(state, this.#run);
    this.now = now;
  }

  get runId() {
    return this.#run.runId;
  }

  /** Seconds of the run that are known. */
  get total() {
    return this.#recording.total;
  }

  /** @param {number} at seconds of the run @returns {ChangeSet} what is another than it was at the moment before */
  to(at) {
    const changes = new ChangeSet();
    const { runId } = this.#run;
    const there = new Map(momentOf(this.#recording, at).map((one) => [one.step.stepId, one]));
    for (const [stepId, { characters, open }] of this.#shown) {
      const one = there.get(stepId);
      // What is on the page only grows: a step of which less was there is made anew.
      if (!one || one.characters < characters || (one.open && !open)) {
        this.#shown.delete(stepId);
        this.#run.steps.delete(stepId);
        changes.add({ kind: 'step_removed', runId, stepId });
      }
    }

    for (const [stepId, one] of there) {
      if (this.#show(stepId, one)) {
        changes.add({ kind: 'step', runId, stepId });
      }
    }

    this.#tell(at);
    changes.add({ kind: 'run', runId });
    changes.everything = this.#isFirst;
    this.#isFirst = false;
    return changes;
  }

  #show(stepId, { step, characters, open }) {
    const shown = this.#shown.get(stepId);
    if (shown && shown.characters === characters && shown.open === open) {
      return false;
    }

    const chunks = shown?.chunks ?? [];
    chunks.push((step.content ?? '').slice(shown?.characters ?? 0, characters));
    this.#shown.set(stepId, { characters, open, chunks });
    this.#run.steps.set(stepId, open ? { ...step, open, chunks, received: characters, content: null } : step);
    return true;
  }

  // What of the run was known then, beside its steps.
  #tell(at) {
    const before = this.#whole;
    const now = (before.startedAt ?? before.queuedAt ?? 0) + at;
    const over = isOver(before) && at >= this.#recording.total;
    const waits = before.waits.filter(({ from }) => from <= now).map(({ from, to }) => (to <= now ? { from, to } : { from }));
    const takeovers = before.takeovers.filter(({ to }) => to <= now);
    const calls = new Set([...this.#run.steps.values()].filter(({ open }) => !open).map(({ toolCallId }) => toolCallId));
    this.now = now;
    this.state.activeRun = over ? null : this.#run.runId;
    Object.assign(this.#run, {
      status: over ? before.status : waits.length > 0 && waits.at(-1).to === undefined ? 'waiting' : 'running',
      waits,
      takeovers,
      // A call stands in the log once it was decided on.
      decisions: new Map([...before.decisions].filter(([call]) => calls.has(call))),
      attempt: over ? before.attempt : takeovers.length + 1,
      finishedAt: over ? before.finishedAt : undefined,
      durationMs: over ? before.durationMs : undefined,
      iterations: over ? before.iterations : undefined,
      usage: over ? before.usage : undefined,
      error: over ? before.error : undefined,
      cancelRequested: over && before.cancelRequested,
      cancelling: false,
    });
  }
}

// As far as it is known, as if it were finished.
function whole(step) {
  return step.open ? { ...step, content: step.chunks.join('') } : step;
}

// A message that was said again later was not replaced yet.
function stateUntil(state, run) {
  const runs = new Map();
  for (const [runId, one] of state.runs) {
    runs.set(runId, runId === run.runId ? run : one);
    if (runId === run.runId) {
      break;
    }
  }

  for (const [runId, one] of runs) {
    if (one.replacedBy && !runs.has(one.replacedBy)) {
      runs.set(runId, Object.assign(one === run ? one : { ...one }, { replacedBy: undefined }));
    }
  }

  return { ...state, runs, queue: [], pending: new Map(), activeRun: run.runId, changes: [] };
}
