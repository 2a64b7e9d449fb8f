import { isOver, isStopping } from '../runs.js';
import { Approvals } from './approvals.js';
import { make, setText } from './dom.js';
import { counted } from './format.js';
import { MessageView } from './message.js';
import { RunFoot } from './run-foot.js';
import { StepView, isAnswer, isOutcome } from './step.js';
import { Trace } from './trace.js';

/** @import { Run, State } from '../types.js' */

// The steps of a run that is over are made when somebody looks at them, where they are many.
const MANY_STEPS = 60;
const DEEPEST = 3;

/**
 * A message and its run: what was said, how the agent got on, the answer, what it cost.
 * @typedef {object} RunTools what all runs of a conversation share
 * @property {object} actions
 * @property {{ remote: import('../markdown/remote.js').RemoteBlocks }} markdown
 * @property {Map<string, boolean>} folds how the reader left each run's steps
 * @property {Map<string, import('./approval-card.js').ApprovalCard>} cards by tool call
 * @property {(runId: string, way: -1 | 1) => void} turn to another version of a run's message
 * @property {() => number} now Unix seconds, by the server's clock
 * @property {string} traceUrl
 */

export class RunView {
  #runId;
  #tools;
  #run = null;
  #message = new MessageView();
  #trace;
  #outcome = make('div', { class: 'outcome' });
  /** @type {Map<string, StepView>} */
  #stepViews = new Map();
  #lastStepId = null;
  #later = false;
  #approvals;
  #busy = make('p', { class: 'run-busy', hidden: true, 'data-testid': 'typing' }, make('span', { class: 'dots', 'aria-hidden': 'true' }), make('span', { class: 'run-busy-words' }));
  #standing = { shown: true, past: false };
  #error = make('p', { class: 'run-line run-failed', 'data-testid': 'run-error', hidden: true });
  #foot;

  /** @param {string} runId @param {RunTools} tools */
  constructor(runId, tools) {
    this.#runId = runId;
    this.#tools = tools;
    this.#trace = new Trace(tools.folds.get(runId), {
      chosen: (open) => tools.folds.set(runId, open),
      opened: () => this.#makeSteps(),
    });
    this.#approvals = new Approvals(tools.cards, (toolCallId, answer) => tools.actions.answerApproval(runId, toolCallId, answer));
    this.#foot = new RunFoot(tools, { answer: () => answerOf(this.#run), regenerate: () => this.#runAgain(this.#run.message) });
    this.element = make('li', { class: 'run', 'data-testid': 'run', 'data-run-id': runId },
      this.#message.element, this.#trace.element, this.#outcome, this.#approvals.element, this.#busy, this.#error, this.#foot.element);
  }

  get runId() {
    return this.#runId;
  }

  /** All of it, for a run that is new on the page. @param {Run} run @param {State} state */
  fill(run, state) {
    this.#run = run;
    this.#later = isOver(run) && run.steps.size > MANY_STEPS && !this.#tools.folds.get(run.runId);
    for (const [stepId, step] of run.steps) {
      if (!this.#later || isOutcome(step)) {
        this.updateStep(run, stepId);
      } else {
        this.#trace.count(step);
      }
    }

    this.update(run, state);
  }

  /** Everything but the steps. @param {Run} run @param {State} state */
  update(run, state) {
    this.#run = run;
    this.element.dataset.status = run.status;
    this.element.dataset.seq = String(run.seq);
    this.#message.show(run.message, statusWords(run, state), this.#messageActions(run));
    this.#trace.update(run);
    this.#approvals.update(run);
    this.#showBusy(run);
    showLine(this.#error, errorOf(run));
    this.#foot.update(run);
  }

  /**
   * Where it stands among the versions of its message.
   * @param {object} place
   * @param {boolean} place.shown it is in the conversation that is looked at
   * @param {boolean} place.past it is in the conversation no more: it can be looked at, not gone on with
   * @param {number} [place.version] from 1
   * @param {number} [place.versions] how many there are
   * @param {boolean} [place.more] the first ones are on an earlier page
   */
  stand(place) {
    const becamePast = place.past !== this.#standing.past;
    this.#standing = place;
    this.element.hidden = !place.shown;
    this.element.toggleAttribute('data-past', place.past);
    this.#message.showVersion(place.versions > 1 || place.more ? place : null, (way) => this.#tools.turn(this.#runId, way));
    this.#foot.past = place.past;
    if (becamePast && this.#run) {
      this.#message.setActions(this.#messageActions(this.#run));
      this.#foot.update(this.#run);
    }
  }

  /** @returns {string | null} the message as the person is changing it just now */
  get edited() {
    return this.#message.edited;
  }

  /** Goes on with changing the message. @param {string} text */
  edit(text) {
    this.#message.edit((changed) => this.#runAgain(changed), text);
  }

  /** @param {-1 | 1} way */
  focusVersion(way) {
    this.#message.focusVersion(way);
  }

  /** @param {Run} run @param {string} stepId */
  updateStep(run, stepId) {
    const step = run.steps.get(stepId);
    if (!step) {
      return;
    }

    let view = this.#stepViews.get(stepId);
    if (!view) {
      view = this.#newStep(run, stepId);
      this.#lastStepId = stepId;
      this.#place(view, step, run);
    } else if (this.#outcome.contains(view.element) !== isOutcome(step)) {
      // What began as an answer turned out to be a thought before a tool call.
      this.#place(view, step, run);
    }

    view.update(step);
    if (run.decisions.size > 0) {
      this.#approvals.update(run);
    }

    this.#showBusy(run);
    this.#foot.progress(run);
  }

  /** @param {Run} run @param {string} stepId */
  removeStep(run, stepId) {
    const view = this.#stepViews.get(stepId);
    if (!view) {
      return;
    }

    const wasOutcome = this.#outcome.contains(view.element);
    view.element.remove();
    this.#stepViews.delete(stepId);
    this.#lastStepId = [...this.#stepViews.keys()].at(-1) ?? null;
    if (!wasOutcome) {
      this.#trace.discount([...run.steps.values()].findLast((step) => !isOutcome(step)) ?? null);
    }

    this.#trace.update(run);
    this.#showBusy(run);
  }

  #newStep(run, stepId) {
    const view = new StepView(stepId, this.#tools.markdown);
    view.nest(depthOf(run, stepId));
    this.#stepViews.set(stepId, view);
    return view;
  }

  #place(view, step, run) {
    if (isOutcome(step)) {
      this.#outcome.append(view.element);
    } else {
      this.#trace.list.append(view.element);
      this.#trace.count(step);
      this.#trace.update(run);
    }
  }

  /** A moment has passed. */
  tick() {
    if (this.#run && !isOver(this.#run)) {
      this.#trace.update(this.#run);
      this.#foot.progress(this.#run, true);
    }
  }

  /** @param {string} stepId @returns {boolean} whether the step is here; it is shown then */
  reveal(stepId) {
    const step = this.#run?.steps.get(stepId);
    if (!step) {
      return false;
    }

    if (!isOutcome(step)) {
      this.#trace.open();
      this.#trace.list.ensure(stepId);
    }

    return true;
  }

  #makeSteps() {
    if (this.#later) {
      this.#later = false;
      const run = this.#run;
      const ids = [...run.steps.values()].filter((step) => !isOutcome(step)).map(({ stepId }) => stepId);
      this.#trace.list.plan(ids, (stepId) => {
        const view = this.#newStep(run, stepId);
        view.update(run.steps.get(stepId));
        return view.element;
      });
    }
  }

  /** It goes on paper. */
  beforePrint() {
    this.#message.beforePrint();
    this.#trace.list.ensureAll();
  }

  /** Nobody looks at it any more. */
  dispose() {
    this.#trace.list.dispose();
    this.#foot.dispose();
  }

  #messageActions(run) {
    if (run.status === 'queued' && !isStopping(run)) {
      return [{ label: 'Cancel', testid: 'cancel-queued', action: () => this.#tools.actions.cancel(this.#runId) }];
    }

    return run.message === undefined || this.#standing.past
      ? []
      : [{ label: 'Edit', testid: 'edit-message', action: () => this.#message.edit((text) => this.#runAgain(text)) }];
  }

  #runAgain(message) {
    const run = this.#run;
    this.#tools.actions.send({
      message,
      enable_reasoning: run.enableReasoning,
      replaces_run_id: run.runId,
      ...(run.agentName ? { agent_name: run.agentName } : {}),
      ...(isOver(run) ? {} : { on_busy: 'interrupt' }),
    });
  }

  // Between steps nothing moves on the page; this line says that something is going on nevertheless.
  #showBusy(run) {
    const streaming = Boolean(run.steps.get(this.#lastStepId)?.open);
    this.#busy.hidden = run.status !== 'running' || streaming;
    if (!this.#busy.hidden) {
      setText(this.#busy.lastChild, isStopping(run) ? 'Stopping' : `${run.agentName ?? 'The agent'} is working`);
    }
  }
}

/** @param {Run} run @returns {string} its answer, as the model wrote it */
export function answerOf(run) {
  return [...run.steps.values()].filter(isAnswer).map((step) => step.content ?? step.chunks.join('')).join('\n\n');
}

function depthOf(run, stepId) {
  let depth = 0;
  for (let step = run.steps.get(stepId); step?.parentStepId && depth < DEEPEST; step = run.steps.get(step.parentStepId)) {
    depth += 1;
  }

  return depth;
}

function statusWords(run, state) {
  if (isStopping(run)) {
    return 'Stopping';
  }

  switch (run.status) {
    case 'queued': {
      const ahead = state.queue.indexOf(run.runId) + (state.activeRun ? 1 : 0);
      return ahead > 0 ? `Queued behind ${counted(ahead, 'message', 'messages')}` : 'Queued';
    }

    case 'running': return run.attempt > 1 ? `Running again after an interruption (attempt ${run.attempt})` : 'Running';
    case 'waiting': return 'Waiting for your word';
    case 'completed': return 'Done';
    case 'failed': return 'Failed';
    case 'cancelled': return 'Cancelled';
    default: return run.status;
  }
}

function showLine(element, text) {
  element.hidden = text === '';
  setText(element, text);
}

// Said once: an error step that says the same has said it.
function errorOf(run) {
  if (run.status !== 'failed') {
    return '';
  }

  const error = run.error ?? 'The run failed.';
  return [...run.steps.values()].some((step) => step.type === 'error' && step.content === error) ? '' : error;
}
