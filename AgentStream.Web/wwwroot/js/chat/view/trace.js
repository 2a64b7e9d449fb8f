import { isOver } from '../reducer.js';
import { toolCalls } from '../timeline.js';
import { make, setText } from './dom.js';
import { counted, duration } from './format.js';
import { isAnswer } from './step.js';
import { kindOf } from './step-kinds.js';

/** @import { Run } from '../types.js' */

let lastId = 0;

/** The way to the answer: open while it is gone, one line once it is done, and as the reader wants it from the first click on. */
export class Trace {
  #chosen;
  #handlers;
  #words = make('span', { class: 'trace-words' });
  #button;
  steps = make('div', { class: 'steps' });

  /** @param {boolean | undefined} chosen how the reader left it @param {{ chosen: (open: boolean) => void, opened: () => void }} handlers */
  constructor(chosen, handlers) {
    lastId += 1;
    this.#chosen = chosen;
    this.#handlers = handlers;
    this.steps.id = `trace-${lastId}`;
    this.#button = make('button', { type: 'button', class: 'trace-fold', 'aria-expanded': 'true', 'aria-controls': this.steps.id, 'data-testid': 'trace-fold' },
      make('span', { class: 'trace-sign', 'aria-hidden': 'true' }), this.#words);
    this.#button.addEventListener('click', () => this.#choose(!this.#isOpen()));
    this.element = make('div', { class: 'trace', hidden: true, 'data-testid': 'trace' }, this.#button, this.steps);
  }

  /** @param {Run} run */
  update(run) {
    const steps = [...run.steps.values()].filter((step) => !isAnswer(step));
    this.element.hidden = steps.length === 0;
    if (this.element.hidden) {
      return;
    }

    this.#show(this.#chosen ?? (!isOver(run) || steps.some((step) => step.type === 'error')));
    setText(this.#words, isOver(run) ? summary(run) : progress(run, steps));
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

    if (open !== this.#isOpen() || this.steps.hidden === open) {
      this.#button.setAttribute('aria-expanded', String(open));
      this.steps.hidden = !open;
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

function progress(run, steps) {
  const last = steps.at(-1);
  const { word, openWord } = kindOf(last.type);
  const now = last.open ? openWord : word;
  return `${now}${last.toolName ? ` ${last.toolName}` : ''} · ${counted(steps.length, 'step', 'steps')}${last.iteration > 0 ? ` · iteration ${last.iteration}` : ''}`;
}
