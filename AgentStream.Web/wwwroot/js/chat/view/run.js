import { isOver, isStopping } from '../reducer.js';
import { Approvals } from './approvals.js';
import { make, setText } from './dom.js';
import { counted, duration, tokens } from './format.js';
import { MessageView } from './message.js';
import { StepView } from './step.js';

/** @import { Run, State } from '../types.js' */

/** A message and its run: what was said, the steps, how it ended. */
export class RunView {
  #runId;
  #actions;
  #message = new MessageView();
  #steps = make('div', { class: 'steps' });
  /** @type {Map<string, StepView>} */
  #stepViews = new Map();
  #lastStepId = null;
  #approvals;
  #busy = make('p', { class: 'run-busy', hidden: true }, make('span', { class: 'dots', 'aria-hidden': 'true' }), make('span', { class: 'run-busy-words' }));
  #error = make('p', { class: 'run-line run-failed', 'data-testid': 'run-error', hidden: true });
  #line = make('p', { class: 'run-line', 'data-testid': 'run-line', hidden: true });

  /** @param {string} runId @param {object} actions */
  constructor(runId, actions) {
    this.#runId = runId;
    this.#actions = actions;
    this.#approvals = new Approvals((toolCallId, answer) => actions.answerApproval(runId, toolCallId, answer));
    this.element = make('li', { class: 'run', 'data-testid': 'run', 'data-run-id': runId },
      this.#message.element, this.#steps, this.#approvals.element, this.#busy, this.#error, this.#line);
  }

  /** All of it, for a run that is new on the page. @param {Run} run @param {State} state */
  fill(run, state) {
    for (const stepId of run.steps.keys()) {
      this.updateStep(run, stepId);
    }

    this.update(run, state);
  }

  /** Everything but the steps. @param {Run} run @param {State} state */
  update(run, state) {
    this.element.dataset.status = run.status;
    this.element.hidden = Boolean(run.replacedBy);
    const mayCancel = run.status === 'queued' && !isStopping(run);
    this.#message.show(run.message, statusWords(run, state), mayCancel
      ? [{ label: 'Cancel', testid: 'cancel-queued', action: () => this.#actions.cancel(this.#runId) }]
      : []);
    this.#approvals.update(run.approvals);
    this.#showBusy(run);
    showLine(this.#error, errorOf(run));
    showLine(this.#line, figuresOf(run));
  }

  /** @param {Run} run @param {string} stepId */
  updateStep(run, stepId) {
    const step = run.steps.get(stepId);
    if (!step) {
      return;
    }

    let view = this.#stepViews.get(stepId);
    if (!view) {
      view = new StepView(stepId);
      this.#stepViews.set(stepId, view);
      this.#lastStepId = stepId;
      this.#steps.append(view.element);
    }

    view.update(step);
    this.#showBusy(run);
  }

  /** @param {Run} run @param {string} stepId */
  removeStep(run, stepId) {
    this.#stepViews.get(stepId)?.element.remove();
    this.#stepViews.delete(stepId);
    this.#lastStepId = [...this.#stepViews.keys()].at(-1) ?? null;
    this.#showBusy(run);
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
  const error = run.status === 'failed' ? run.error ?? 'The run failed.' : '';
  return [...run.steps.values()].some((step) => step.type === 'error' && step.content === error) ? '' : error;
}

function figuresOf(run) {
  const facts = [
    isOver(run) && run.durationMs > 0 && duration(run.durationMs),
    run.usage && tokens(run.usage),
    typeof run.usage?.time_to_first_token_ms === 'number' && `first token after ${duration(run.usage.time_to_first_token_ms)}`,
    isOver(run) && run.model,
  ];
  return facts.filter(Boolean).join(' · ');
}
