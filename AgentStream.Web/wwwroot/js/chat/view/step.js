import { make, setText } from './dom.js';
import { duration, pretty } from './format.js';
import { kindOf } from './step-kinds.js';
import { StreamingText } from './streaming-text.js';

/** @import { Step } from '../types.js' */

/** One step. While it streams only text is added; when it is finished the same element takes on what it turned out to be. */
export class StepView {
  #icon = make('span', { class: 'step-icon', 'aria-hidden': 'true' });
  #word = make('span', { class: 'step-word' });
  #tool = make('code', { class: 'step-tool', hidden: true });
  #flags = make('span', { class: 'step-flags' });
  #meta = make('span', { class: 'step-meta' });
  #body = make('div', { class: 'step-text' });
  #text = new StreamingText(this.#body);
  #type = '';
  #settled = false;

  constructor(stepId) {
    this.element = make('section', { class: 'step', 'data-testid': 'step', 'data-step-id': stepId },
      make('h3', { class: 'step-head' }, this.#icon, this.#word, this.#tool, this.#flags, this.#meta),
      this.#body);
  }

  /** @param {Step} step */
  update(step) {
    if (step.open) {
      this.#showKind(step);
      this.#text.grow(step.chunks);
    } else if (!this.#settled) {
      this.#settled = true;
      this.#showKind(step);
      this.#showBody(step);
      this.#showFacts(step);
    }
  }

  #showKind(step) {
    const { icon, word, openWord } = kindOf(step.type);
    if (this.#type !== step.type) {
      this.#type = step.type;
      setText(this.#icon, icon);
      this.element.dataset.stepType = step.type;
      this.element.className = `step step-${kindClass(step.type)}`;
      const isAnswer = step.type === 'answer' || step.type === 'final_answer';
      this.#body.toggleAttribute('data-testid', isAnswer);
      if (isAnswer) {
        this.#body.dataset.testid = 'answer';
      }
    }

    setText(this.#word, step.open ? openWord : word);
    this.element.toggleAttribute('data-open', step.open);
    this.element.classList.toggle('step-nested', Boolean(step.parentStepId));
    if (!this.#meta.firstChild && step.iteration > 0) {
      this.#meta.append(make('span', { class: 'step-iteration' }, `iteration ${step.iteration}`));
    }
  }

  #showBody(step) {
    const isCall = step.type === 'tool_use' && step.arguments !== undefined;
    const isData = isCall || step.type === 'tool_result';
    this.#body.classList.toggle('step-data', isData);
    if (isData) {
      // A long block scrolls in itself, and has to be reachable by keyboard for that.
      this.#body.tabIndex = 0;
      this.#body.setAttribute('role', 'group');
      this.#body.setAttribute('aria-label', isCall ? 'Arguments' : 'Result');
    }

    const text = isData ? pretty(isCall ? step.arguments : step.content) : step.content;
    this.#text.settle(text);
    this.#body.hidden = text === '';
  }

  #showFacts(step) {
    this.#tool.hidden = !step.toolName;
    setText(this.#tool, step.toolName ?? '');
    this.#flags.replaceChildren(...flagsOf(step).map((flag) => make('span', { class: 'step-flag' }, flag)));
    this.#meta.replaceChildren(...factsOf(step).map((fact) => make('span', {}, fact)));
  }
}

function kindClass(type) {
  return type === 'answer' ? 'final_answer' : /^[a-z_]+$/.test(type) ? type : 'other';
}

function flagsOf(step) {
  return [
    step.isError && 'failed',
    step.inDoubt && 'in doubt: it may or may not have happened',
    step.cutOff && 'cut off',
  ].filter(Boolean);
}

function factsOf(step) {
  return [
    step.parentStepId && step.agentName,
    step.iteration > 0 && `iteration ${step.iteration}`,
    typeof step.durationMs === 'number' && duration(step.durationMs),
  ].filter(Boolean);
}
