import { isAnswer } from '../../../client/state/run-state.js';
import { costWords, duration } from '../../words/format.js';
import { kindClass, kindOf } from '../../words/step-kinds.js';
import { disc, setDisc } from '../elements/disc.js';
import { make, setText } from '../elements/dom.js';
import { MarkdownText } from '../text/markdown-text.js';
import { StreamingText } from '../text/streaming-text.js';
import { stepLink } from './step-link.js';

/** @import { Step } from '../../../client/types.js' */
/** @import { StepTools } from './step-rows.js' */

// Less is no time that anybody waited for.
const SHORTEST_MS = 100;

/**
 * A step that is text: a thought, an answer, an error.
 * While it streams only text is added; when it is finished the same element takes on what it turned out to be.
 */
export class StepView {
  #disc = disc('thought');
  #begins = make('span', { class: 'visually-hidden' });
  #word = make('span', { class: 'step-word' });
  #flags = make('span', { class: 'step-flags' });
  #meta = make('span', { class: 'step-meta' });
  #body = make('div', { class: 'step-text' });
  #text = null;
  #tools;
  #type = '';
  #settled = false;
  #stepId;

  /** @param {string} stepId @param {StepTools} tools */
  constructor(stepId, tools) {
    this.#stepId = stepId;
    this.#tools = tools;
    this.element = make('section',
      { class: 'step', ...tools.anchors && { id: `step-${stepId}` }, 'data-testid': tools.testid, 'data-step-id': stepId, tabindex: '-1' },
      this.#disc,
      make('h3', { class: 'step-head' }, this.#begins, this.#word, this.#flags, this.#meta),
      this.#body);
  }

  /** It is the first one of another iteration. @param {number} iteration */
  begin(iteration) {
    this.element.toggleAttribute('data-begins', true);
    setText(this.#begins, `Iteration ${iteration}. `);
  }

  /** @param {Step} step */
  update(step) {
    if (step.open) {
      this.#showKind(step);
      this.#textOf(step).grow(step.chunks);
    } else if (!this.#settled) {
      this.#settled = true;
      this.#showKind(step);
      this.#textOf(step).settle(step.content);
      this.#body.hidden = step.content === '';
      this.#showFacts(step);
    }
  }

  /** @returns {boolean} whether nothing is left of it */
  remove() {
    this.element.remove();
    return true;
  }

  // What a model writes for people is Markdown; an error, and what a person said, is shown as it is.
  #textOf({ type }) {
    const isMarkdown = type !== 'error' && type !== 'said';
    if (this.#text === null || (this.#text instanceof MarkdownText) !== isMarkdown) {
      this.#body.replaceChildren();
      this.#body.classList.toggle('md', isMarkdown);
      this.#text = isMarkdown ? new MarkdownText(this.#body, this.#tools.markdown.remote) : new StreamingText(this.#body);
    }

    return this.#text;
  }

  #showKind(step) {
    const { word, openWord } = kindOf(step.type);
    if (this.#type !== step.type) {
      this.#type = step.type;
      this.element.dataset.stepType = step.type;
      this.element.dataset.iteration = String(step.iteration);
      this.element.className = `step step-${kindClass(step.type)}`;
      if (isAnswer(step) && this.#tools.anchors) {
        this.#body.dataset.testid = 'answer';
      } else {
        delete this.#body.dataset.testid;
      }
    }

    setDisc(this.#disc, step.cutOff && step.type !== 'thought' ? 'cut' : step.type);
    setText(this.#word, step.open ? openWord : word);
    this.element.toggleAttribute('data-open', step.open);
  }

  #showFacts(step) {
    const taken = step.durationMs ?? (step.startedAt && step.finishedAt ? (step.finishedAt - step.startedAt) * 1000 : undefined);
    this.element.toggleAttribute('data-cut', step.cutOff);
    this.#flags.replaceChildren(...(step.cutOff ? [make('span', { class: 'step-flag' }, 'cut off')] : []));
    const cost = costWords(step.cost, () => this.#showFacts(step));
    this.#meta.replaceChildren(...(taken >= SHORTEST_MS ? [make('span', { class: 'step-time' }, duration(taken))] : []),
      ...(cost ? [make('span', { class: 'step-cost', 'data-testid': 'step-cost' }, cost)] : []),
      ...(this.#tools.anchors ? [stepLink(this.#stepId)] : []));
  }
}
