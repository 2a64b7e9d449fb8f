import { isOutcome, isOver } from '../../../client/state/run-state.js';
import { make } from '../elements/dom.js';
import { planRows } from './planned-rows.js';
import { StepRows } from './step-rows.js';
import { StepsFold } from './steps-fold.js';

/** @import { Run, Step } from '../../../client/types.js' */

// The steps of a run that is over are made when somebody looks at them, where they are many.
const MANY_STEPS = 60;
// So many are made so even where the reader had left them open.
const TOO_MANY_STEPS = 1_000;

/** The steps of a run: the way to the answer, which folds, and below it what came of it. */
export class RunSteps {
  #folds;
  #fold;
  #run = null;
  #rows;
  #lastStepId = null;
  #later = false;
  /** @type {Map<string, string>} step id to the row that is planned for it */
  #planned = new Map();
  /** @type {HTMLElement | null} a planned row that is being made */
  #made = null;
  #making = false;
  #outcome = make('div', { class: 'outcome' });
  /** What was said while the run was under way, in sight where the steps are folded. */
  #said = make('div', { class: 'said-meanwhile' });

  /** @param {string} runId @param {Pick<import('../run/run.js').RunTools, 'folds' | 'markdown' | 'inFull'>} tools */
  constructor(runId, { folds, markdown, inFull }) {
    this.#folds = folds;
    this.#rows = new StepRows({ markdown, inFull, anchors: true, testid: 'step' }, (row, step) => this.#append(row, step));
    this.#fold = new StepsFold(folds.get(runId), {
      chosen: (open) => folds.set(runId, open),
      opened: () => this.#makeLater(),
    });
    this.elements = [this.#fold.element, this.#said, this.#outcome];
  }

  /** All of them, for a run that is new on the page. @param {Run} run */
  fill(run) {
    this.#run = run;
    this.#later = isOver(run) && run.steps.size > (this.#folds.get(run.runId) ? TOO_MANY_STEPS : MANY_STEPS);
    for (const step of run.steps.values()) {
      if (!isOutcome(step)) {
        this.#fold.count(step);
      }

      this.#say(step);
      if (!this.#later || isOutcome(step)) {
        this.#lastStepId = step.stepId;
        this.#show(step);
      }
    }
  }

  /** The run is another now, its steps are the same. @param {Run} run */
  update(run) {
    this.#run = run;
    if (isOver(run)) {
      this.#rows.end();
    }

    this.#fold.update(run);
  }

  /** A moment has passed. @param {number} now Unix seconds */
  tick(now) {
    this.#rows.tick(now);
  }

  /** @param {Run} run @param {Step} step that is new, or has changed */
  updateStep(run, step) {
    this.#run = run;
    this.#say(step);
    const isNew = !this.#rows.has(step.stepId);
    if (isNew) {
      this.#lastStepId = step.stepId;
    }

    // What began as an answer may turn out to be a thought before a tool call.
    if (this.#show(step) || (isNew && !isOutcome(step))) {
      this.#fold.count(step);
      this.#fold.update(run);
    }
  }

  /** @param {Run} run without the step @param {string} stepId */
  remove(run, stepId) {
    this.#run = run;
    const wasOutcome = this.#rows.elementOf(stepId)?.parentElement === this.#outcome;
    if (!this.#rows.remove(stepId)) {
      return;
    }

    this.#lastStepId = [...run.steps.keys()].at(-1) ?? null;
    this.#saidIn(stepId)?.remove();
    if (!wasOutcome) {
      this.#fold.discount([...run.steps.values()].findLast((step) => !isOutcome(step)) ?? null);
    }

    this.#fold.update(run);
  }

  /** @returns {boolean} whether text is coming into the last one */
  get isStreaming() {
    return Boolean(this.#run?.steps.get(this.#lastStepId)?.open);
  }

  /**
   * Shows a step, whatever is folded.
   * @param {string} stepId
   * @param {boolean} [inFull] false: the row of a call is enough
   * @returns {boolean} whether it is here
   */
  reveal(stepId, inFull = true) {
    const step = this.#run?.steps.get(stepId);
    if (!step) {
      return false;
    }

    if (!isOutcome(step)) {
      this.#fold.open();
      this.#fold.list.ensure(this.#planned.get(stepId));
      const stepOf = (id) => this.#run.steps.get(id);
      this.#rows.reveal(inFull ? step : stepOf(step.parentStepId), stepOf);
    }

    return true;
  }

  /** @param {string} stepId @returns {HTMLElement | null} the row that shows it, if that is made */
  rowOf(stepId) {
    return this.#rows.elementOf(stepId) ?? null;
  }

  beforePrint() {
    this.#fold.list.ensureAll();
  }

  dispose() {
    this.#fold.list.dispose();
  }

  #say({ type, stepId, content }) {
    if (type === 'said' && !this.#saidIn(stepId)) {
      this.#said.append(make('div', { class: 'said', 'data-said': stepId }, make('p', { class: 'said-text', dir: 'auto' }, content)));
    }
  }

  #saidIn(stepId) {
    return [...this.#said.children].find((one) => one.dataset.said === stepId);
  }

  // Whether it was an outcome, and is one no more.
  #show(step) {
    const row = this.#rows.show(step);
    const isInOutcome = row.parentElement === this.#outcome;
    if (isOutcome(step) && !isInOutcome) {
      this.#outcome.append(row);
    } else if (!isOutcome(step) && isInOutcome) {
      this.#fold.list.append(row);
      return true;
    }

    return false;
  }

  #append(row, step) {
    if (this.#making) {
      this.#made = row;
    } else if (isOutcome(step)) {
      this.#outcome.append(row);
    } else {
      this.#fold.list.append(row);
    }
  }

  #makeLater() {
    if (this.#later) {
      this.#later = false;
      const planned = planRows([...this.#run.steps.values()].filter((step) => !isOutcome(step)));
      planned.forEach(({ steps }, row) => steps.forEach(({ stepId }) => this.#planned.set(stepId, row)));
      this.#fold.list.plan([...planned.keys()], (row) => this.#makeRow(planned.get(row)));
    }
  }

  #makeRow({ steps, after }) {
    this.#making = true;
    this.#rows.goOnAfter(after);
    steps.forEach((step) => this.#rows.show(step));
    this.#rows.end();
    this.#making = false;
    return this.#made;
  }
}
