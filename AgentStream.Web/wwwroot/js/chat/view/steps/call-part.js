import { kindClass, kindOf } from '../../words/step-kinds.js';
import { make, setText } from '../elements/dom.js';
import { MarkdownText } from '../text/markdown-text.js';
import { StreamingText } from '../text/streaming-text.js';
import { DataBlock } from './data-block.js';
import { stepLink } from './step-link.js';

/** @import { Step } from '../../../client/types.js' */
/** @import { StepTools } from './step-rows.js' */

/** A call's arguments, or its result, in full. Nothing of it is made before somebody opens the row. */
export class CallPart {
  #head;
  #body = make('div', { class: 'step-text' });
  #text = null;
  #tools;
  #shown = false;
  #settled = false;
  /** @type {Step} */
  #step;

  /** @param {Step} step @param {StepTools} tools */
  constructor(step, tools) {
    const { icon, word } = kindOf(step.type);
    this.#tools = tools;
    this.#step = step;
    this.#head = make('h4', { class: 'step-head' },
      make('span', { class: 'step-name' }, make('span', { class: 'step-icon', 'aria-hidden': 'true' }, icon), make('span', {}, word)));
    this.element = make('section', {
      class: `step step-${kindClass(step.type)}`, ...tools.anchors && { id: `step-${step.stepId}` }, 'data-testid': tools.testid,
      'data-step-id': step.stepId, 'data-step-type': step.type, tabindex: '-1',
    }, this.#head, this.#body);
  }

  get step() {
    return this.#step;
  }

  /** @param {Step} step */
  update(step) {
    this.#step = step;
    this.element.toggleAttribute('data-open', step.open);
    if (this.#shown) {
      this.#fill();
    }
  }

  /** Somebody looks at it. */
  show() {
    if (!this.#shown) {
      this.#shown = true;
      this.#fill();
    }
  }

  #fill() {
    const step = this.#step;
    if (step.open) {
      this.#text ??= new StreamingText(this.#body);
      this.#text.grow(step.chunks);
    } else if (!this.#settled) {
      this.#settled = true;
      this.#showFacts(step);
      this.#settle(step);
    }
  }

  #settle(step) {
    const isCall = step.type === 'tool_use';
    const value = isCall ? step.arguments ?? step.content : step.content;
    const isEmpty = value === '' || (isCall && typeof value === 'object' && value !== null && Object.keys(value).length === 0);
    if (isEmpty) {
      this.#body.replaceChildren(make('p', { class: 'data-none' }, isCall ? 'No arguments' : 'An empty result'));
    } else if (this.#tools.isProse && isCall && isTask(value)) {
      this.#body.replaceChildren(make('p', { class: 'call-task' }, value.task));
    } else if (this.#tools.isProse && !isCall) {
      // What another agent answered is written for people.
      this.#body.replaceChildren();
      this.#body.classList.add('md');
      new MarkdownText(this.#body, this.#tools.markdown.remote).settle(value);
    } else {
      this.#body.replaceChildren(new DataBlock(isCall ? 'Arguments' : 'Result', value).element);
    }
  }

  #showFacts({ toolName, stepId }) {
    const name = this.#head.firstChild;
    if (toolName) {
      name.append(make('code', { class: 'step-tool' }, toolName));
    }

    if (this.#tools.anchors) {
      this.#head.append(make('span', { class: 'step-meta' }, stepLink(stepId)));
    }
  }
}

// Who is asked stands in the row; what is left is a sentence.
function isTask(value) {
  return typeof value?.task === 'string' && Object.keys(value).every((name) => name === 'task' || name === 'agent');
}
