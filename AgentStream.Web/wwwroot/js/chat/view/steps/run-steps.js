import { isOutcome, isOver } from '../../state/run-state.js';
import { make } from '../elements/dom.js';
import { StepView } from './step.js';
import { StepsFold } from './steps-fold.js';

/** @import { Run, Step } from '../../types.js' */

// The steps of a run that is over are made when somebody looks at them, where they are many.
const MANY_STEPS = 60;
// So many are made so even where the reader had left them open.
const TOO_MANY_STEPS = 1_000;
const DEEPEST = 3;

/** The steps of a run: the way to the answer, which folds, and below it what came of it. */
export class RunSteps {
  #folds;
  #markdown;
  #fold;
  #run = null;
  /** @type {Map<string, StepView>} */
  #views = new Map();
  #lastStepId = null;
  #later = false;
  #outcome = make('div', { class: 'outcome' });

  /** @param {string} runId @param {Pick<import('../run/run.js').RunTools, 'folds' | 'markdown'>} tools */
  constructor(runId, { folds, markdown }) {
    this.#folds = folds;
    this.#markdown = markdown;
    this.#fold = new StepsFold(folds.get(runId), {
      chosen: (open) => folds.set(runId, open),
      opened: () => this.#makeLater(),
    });
    this.elements = [this.#fold.element, this.#outcome];
  }

  /** All of them, for a run that is new on the page. @param {Run} run */
  fill(run) {
    this.#run = run;
    this.#later = isOver(run) && run.steps.size > (this.#folds.get(run.runId) ? TOO_MANY_STEPS : MANY_STEPS);
    for (const step of run.steps.values()) {
      if (!this.#later || isOutcome(step)) {
        this.#show(step);
      } else {
        this.#fold.count(step);
      }
    }
  }

  /** The run is another now, its steps are the same. @param {Run} run */
  update(run) {
    this.#run = run;
    this.#fold.update(run);
  }

  /** @param {Run} run @param {Step} step that is new, or has changed */
  updateStep(run, step) {
    this.#run = run;
    this.#show(step);
  }

  /** @param {Run} run without the step @param {string} stepId */
  remove(run, stepId) {
    this.#run = run;
    const view = this.#views.get(stepId);
    if (!view) {
      return;
    }

    const wasOutcome = this.#outcome.contains(view.element);
    view.element.remove();
    this.#views.delete(stepId);
    this.#lastStepId = [...this.#views.keys()].at(-1) ?? null;
    if (!wasOutcome) {
      this.#fold.discount([...run.steps.values()].findLast((step) => !isOutcome(step)) ?? null);
    }

    this.#fold.update(run);
  }

  /** @returns {boolean} whether text is coming into the last one */
  get isStreaming() {
    return Boolean(this.#run?.steps.get(this.#lastStepId)?.open);
  }

  /** Shows a step, whatever is folded. @param {string} stepId @returns {boolean} whether it is here */
  reveal(stepId) {
    const step = this.#run?.steps.get(stepId);
    if (!step) {
      return false;
    }

    if (!isOutcome(step)) {
      this.#fold.open();
      this.#fold.list.ensure(stepId);
    }

    return true;
  }

  beforePrint() {
    this.#fold.list.ensureAll();
  }

  dispose() {
    this.#fold.list.dispose();
  }

  #show(step) {
    let view = this.#views.get(step.stepId);
    if (!view) {
      view = this.#newView(step.stepId);
      this.#lastStepId = step.stepId;
      this.#place(view, step);
    } else if (this.#outcome.contains(view.element) !== isOutcome(step)) {
      // What began as an answer turned out to be a thought before a tool call.
      this.#place(view, step);
    }

    view.update(step);
  }

  #newView(stepId) {
    const view = new StepView(stepId, this.#markdown);
    view.nest(depthOf(this.#run, stepId));
    this.#views.set(stepId, view);
    return view;
  }

  #place(view, step) {
    if (isOutcome(step)) {
      this.#outcome.append(view.element);
    } else {
      this.#fold.list.append(view.element);
      this.#fold.count(step);
      this.#fold.update(this.#run);
    }
  }

  #makeLater() {
    if (this.#later) {
      this.#later = false;
      const { steps } = this.#run;
      const ids = [...steps.values()].filter((step) => !isOutcome(step)).map(({ stepId }) => stepId);
      this.#fold.list.plan(ids, (stepId) => {
        const view = this.#newView(stepId);
        view.update(steps.get(stepId));
        return view.element;
      });
    }
  }
}

function depthOf(run, stepId) {
  let depth = 0;
  for (let step = run.steps.get(stepId); step?.parentStepId && depth < DEEPEST; step = run.steps.get(step.parentStepId)) {
    depth += 1;
  }

  return depth;
}
