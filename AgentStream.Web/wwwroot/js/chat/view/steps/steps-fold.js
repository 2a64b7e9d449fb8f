import { isOver } from '../../../client/state/run-state.js';
import { failedCalls, toolCalls } from '../../timeline/calls.js';
import { counted, duration } from '../../words/format.js';
import { kindOf } from '../../words/step-kinds.js';
import { survivalWords } from '../../words/survival-words.js';
import { agentSign } from '../elements/agent-sign.js';
import { make, setText } from '../elements/dom.js';
import { fold } from '../elements/fold.js';
import { StepList } from './step-list.js';

/** @import { Run } from '../../../client/types.js' */

let lastId = 0;

/** The way to the answer: open while it is gone, one line once it is done, and as the reader wants it from the first click on. */
export class StepsFold {
  #chosen;
  #handlers;
  #agent = make('span', { class: 'run-agent', 'data-testid': 'run-agent' });
  #agentName = '';
  #words = make('span', { class: 'trace-words' });
  #troubles = make('span', { class: 'trace-troubles', 'data-testid': 'trace-troubles' });
  #survival = make('span', { class: 'run-survival', hidden: true, 'data-testid': 'survival' });
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
      this.#words, this.#troubles, make('span', { class: 'trace-sign', 'aria-hidden': 'true' }));
    this.#button.addEventListener('click', () => this.#choose(!this.#isOpen(), true));
    this.element = make('div', { class: 'trace', hidden: true, 'data-testid': 'trace' },
      make('div', { class: 'run-head' }, this.#agent, this.#button, this.#survival), this.list.element);
  }

  /** A step of the way is there. @param {import('../../../client/types.js').Step} step */
  count(step) {
    this.#count += 1;
    this.#last = step;
  }

  /** One is there no more. @param {import('../../../client/types.js').Step | null} last */
  discount(last) {
    this.#count -= 1;
    this.#last = last;
  }

  /** @param {Run} run */
  update(run) {
    this.element.hidden = run.status === 'queued' && this.#count === 0;
    this.#showAgent(run.agentName ?? '');
    this.#button.hidden = this.#count === 0;
    this.#failed ||= this.#last?.type === 'error';
    this.#show(this.#count > 0 && (this.#chosen ?? (!isOver(run) || this.#failed)));
    const failed = failedCalls(run);
    setText(this.#words, isOver(run) ? summary(run) : progress(this.#last, this.#count));
    const survived = survivalWords(run);
    this.#survival.hidden = survived === '';
    setText(this.#survival, survived);
    setText(this.#troubles, failed > 0 ? `, ${failed} failed` : '');
  }

  open() {
    this.#choose(true);
  }

  // Who works stands once, above all that is theirs.
  #showAgent(name) {
    if (name !== this.#agentName) {
      this.#agentName = name;
      this.#agent.replaceChildren(...(name ? [agentSign(name), name] : []));
    }
  }

  #isOpen() {
    return this.#button.getAttribute('aria-expanded') === 'true';
  }

  #choose(open, inMotion = false) {
    this.#chosen = open;
    this.#handlers.chosen(open);
    this.#show(open, inMotion);
  }

  #show(open, inMotion = false) {
    if (open) {
      this.#handlers.opened();
    }

    this.element.toggleAttribute('data-folded', !open);
    if (open !== this.#isOpen() || this.list.element.hidden === open) {
      this.#button.setAttribute('aria-expanded', String(open));
      if (inMotion) {
        fold(this.list.element, open);
      } else {
        this.list.element.hidden = !open;
      }
    }
  }
}

function summary(run) {
  const calls = toolCalls(run);
  const time = run.durationMs > 0 ? duration(run.durationMs) : '';
  const verb = run.status === 'cancelled' ? 'Stopped after' : run.status === 'failed' ? 'Failed after' : 'Thought for';
  return [time ? `${verb} ${time}` : 'Thought', calls > 0 && counted(calls, 'call', 'calls')].filter(Boolean).join(' · ');
}

function progress(last, count) {
  if (!last) {
    return counted(count, 'step', 'steps');
  }

  const { word, openWord } = kindOf(last.type);
  return `${last.open ? openWord : word}${last.toolName ? ` ${last.toolName}` : ''} `
    + `· ${counted(count, 'step', 'steps')}${last.iteration > 0 ? ` · iteration ${last.iteration}` : ''}`;
}
