import { isOver } from '../../state/run-state.js';
import { toolCalls } from '../../timeline/timeline.js';
import { counted, duration } from '../../words/format.js';
import { kindOf } from '../../words/step-kinds.js';
import { make, setText } from '../elements/dom.js';
import { StepList } from './step-list.js';

/** @import { Run } from '../../types.js' */

let lastId = 0;

/** The way to the answer: open while it is gone, one line once it is done, and as the reader wants it from the first click on. */
export class StepsFold {
  #chosen;
  #handlers;
  #words = make('span', { class: 'trace-words' });
  #button;
  list = new StepList();
  #count = 0;
  #last = null;
  #failed = false;

  /**
   * @param {boolean | undefined} chosen how the reader left it
   * @param {{ chosen: (open: boolean) => void, opened: () => void }} handlers
   */
  constructor(chosen, handlers) {
    lastId += 1;
    this.#chosen = chosen;
    this.#handlers = handlers;
    this.list.element.id = `trace-${lastId}`;
    this.#button = make('button',
      { type: 'button', class: 'trace-fold', 'aria-expanded': 'true', 'aria-controls': this.list.element.id, 'data-testid': 'trace-fold' },
      make('span', { class: 'trace-sign', 'aria-hidden': 'true' }), this.#words);
    this.#button.addEventListener('click', () => this.#choose(!this.#isOpen()));
    this.element = make('div', { class: 'trace', hidden: true, 'data-testid': 'trace' }, this.#button, this.list.element);
  }

  /** A step of the way is there. @param {import('../../types.js').Step} step */
  count(step) {
    this.#count += 1;
    this.#last = step;
  }

  /** One is there no more. @param {import('../../types.js').Step | null} last */
  discount(last) {
    this.#count -= 1;
    this.#last = last;
  }

  /** @param {Run} run */
  update(run) {
    this.element.hidden = this.#count === 0;
    if (this.#count > 0) {
      this.#failed ||= this.#last?.type === 'error';
      this.#show(this.#chosen ?? (!isOver(run) || this.#failed));
      setText(this.#words, isOver(run) ? summary(run) : progress(this.#last, this.#count));
    }
  }

  open() {
    this.#choose(true);
  }

  #isOpen() {
    return this.#button.getAttribute('aria-expanded') === 'true';
  }

  #choose(open) {
    this.#chosen = open;
    this.#handlers.chosen(open);
    this.#show(open);
  }

  #show(open) {
    if (open) {
      this.#handlers.opened();
    }

    if (open !== this.#isOpen() || this.list.element.hidden === open) {
      this.#button.setAttribute('aria-expanded', String(open));
      this.list.element.hidden = !open;
    }
  }
}

function summary(run) {
  const tools = toolCalls(run);
  const time = run.durationMs > 0 ? ` for ${duration(run.durationMs)}` : '';
  const verb = run.status === 'cancelled' ? 'Stopped after' : run.status === 'failed' ? 'Failed after' : null;
  const thought = verb && run.durationMs > 0 ? `${verb} ${duration(run.durationMs)}` : `Thought${time}`;
  return `${thought}${tools > 0 ? `, used ${counted(tools, 'tool', 'tools')}` : ''}`;
}

function progress(last, count) {
  if (!last) {
    return counted(count, 'step', 'steps');
  }

  const { word, openWord } = kindOf(last.type);
  return `${last.open ? openWord : word}${last.toolName ? ` ${last.toolName}` : ''} `
    + `· ${counted(count, 'step', 'steps')}${last.iteration > 0 ? ` · iteration ${last.iteration}` : ''}`;
}
