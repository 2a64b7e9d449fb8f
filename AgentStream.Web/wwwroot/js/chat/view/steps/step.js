import { isAnswer } from '../../state/run-state.js';
import { duration } from '../../words/format.js';
import { kindClass, kindOf } from '../../words/step-kinds.js';
import { decisionLine } from '../approvals/decision-line.js';
import { make, setText } from '../elements/dom.js';
import { MarkdownText } from '../text/markdown-text.js';
import { StreamingText } from '../text/streaming-text.js';
import { DataBlock } from './data-block.js';

/** @import { Step } from '../../types.js' */

/** One step. While it streams only text is added; when it is finished the same element takes on what it turned out to be. */
export class StepView {
  #icon = make('span', { class: 'step-icon', 'aria-hidden': 'true' });
  #word = make('span', { class: 'step-word' });
  #tool = make('code', { class: 'step-tool', hidden: true });
  #flags = make('span', { class: 'step-flags' });
  #meta = make('span', { class: 'step-meta' });
  #body = make('div', { class: 'step-text' });
  #text = null;
  #markdown;
  #type = '';
  #settled = false;
  #stepId;

  /**
   * @param {string} stepId
   * @param {{ remote: import('../../markdown/remote.js').RemoteBlocks }} markdown
   */
  constructor(stepId, markdown) {
    this.#stepId = stepId;
    this.#markdown = markdown;
    this.element = make('section', { class: 'step', id: `step-${stepId}`, 'data-testid': 'step', 'data-step-id': stepId, tabindex: '-1' },
      make('h3', { class: 'step-head' }, make('span', { class: 'step-name' }, this.#icon, this.#word, this.#tool, this.#flags), this.#meta),
      this.#body);
  }

  /** How deep in other agents' work it is. @param {number} depth */
  nest(depth) {
    if (depth > 0) {
      this.element.dataset.depth = String(depth);
    }
  }

  /** @param {Step} step */
  update(step) {
    if (step.open) {
      this.#showKind(step);
      this.#textOf(step).grow(step.chunks);
    } else if (!this.#settled) {
      this.#settled = true;
      this.#showKind(step);
      this.#showBody(step);
      this.#showFacts(step);
    }
  }

  // What a model writes for people is Markdown; what goes to tools and comes from them is shown as it is.
  #textOf(step) {
    const isMarkdown = isProse(step.type);
    if (this.#text === null || (this.#text instanceof MarkdownText) !== isMarkdown) {
      this.#body.replaceChildren();
      this.#body.classList.toggle('md', isMarkdown);
      this.#text = isMarkdown ? new MarkdownText(this.#body, this.#markdown.remote) : new StreamingText(this.#body);
    }

    return this.#text;
  }

  #showKind(step) {
    const { icon, word, openWord } = kindOf(step.type);
    if (this.#type !== step.type) {
      this.#type = step.type;
      setText(this.#icon, icon);
      this.element.dataset.stepType = step.type;
      this.element.className = `step step-${kindClass(step.type)}`;
      this.#body.toggleAttribute('data-testid', isAnswer(step));
      if (isAnswer(step)) {
        this.#body.dataset.testid = 'answer';
      }
    }

    setText(this.#word, step.open ? openWord : word);
    this.element.toggleAttribute('data-open', step.open);
    if (!this.#meta.firstChild) {
      this.#meta.replaceChildren(...factsOf(step).map((fact) => make('span', {}, fact)));
    }
  }

  #showBody(step) {
    const isCall = step.type === 'tool_use' && step.arguments !== undefined;
    if (isCall || step.type === 'tool_result') {
      this.#text = null;
      this.#body.className = 'step-text step-data';
      const value = isCall ? step.arguments : step.content;
      const empty = value === '' || (isCall && typeof value === 'object' && value !== null && Object.keys(value).length === 0);
      this.#body.replaceChildren(empty
        ? make('p', { class: 'data-none' }, isCall ? 'No arguments' : 'An empty result')
        : new DataBlock(isCall ? 'Arguments' : 'Result', value).element,
      ...(step.decision ? [decisionLine(step.decision)] : []));
      this.#body.hidden = false;
    } else {
      this.#textOf(step).settle(step.content);
      this.#body.hidden = step.content === '';
    }
  }

  #showFacts(step) {
    this.#tool.hidden = !step.toolName;
    setText(this.#tool, step.toolName ?? '');
    this.#flags.replaceChildren(...flagsOf(step).map((flag) => make('span', { class: 'step-flag' }, flag)));
    this.#meta.replaceChildren(
      ...factsOf(step).map((fact) => make('span', {}, fact)),
      make('a', {
        class: 'step-link',
        href: `${location.pathname}${location.search}#step-${this.#stepId}`,
        'aria-label': 'Link to this step',
        title: 'Link to this step',
      }, '#'));
  }
}

function isProse(type) {
  return type !== 'tool_use' && type !== 'tool_result' && type !== 'error';
}

function flagsOf(step) {
  return [
    step.isError && 'failed',
    step.inDoubt && 'in doubt: it may or may not have happened',
    step.cutOff && 'cut off',
  ].filter(Boolean);
}

function factsOf(step) {
  const taken = step.durationMs ?? (step.startedAt && step.finishedAt ? (step.finishedAt - step.startedAt) * 1000 : undefined);
  return [
    step.agentName,
    step.iteration > 0 && `iteration ${step.iteration}`,
    taken >= 0 && !step.open && duration(taken),
  ].filter(Boolean);
}
