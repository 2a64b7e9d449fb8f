import { agentClass } from '../../words/agent-look.js';
import { duration } from '../../words/format.js';
import { rowFailed, rowName, rowTakes } from '../../words/trace-words.js';
import { disc, setDisc } from '../elements/disc.js';
import { make, setText } from '../elements/dom.js';

/** @import { Axis } from '../../timeline/axis.js' */
/** @import { Trace, TraceRow } from '../../timeline/trace.js' */

// As css/chat/shell/trace.css has it.
const ROW_PX = 30;
const BEYOND = 6;

/** The waterfall: a row each for thoughts, calls and answers. Only those are made that are in sight. */
export class TraceRows {
  #on;
  #space = make('div', { class: 'trace-rows-space' });
  /** @type {Map<TraceRow, TraceLine>} */
  #lines = new Map();
  #trace = null;
  #axis = null;
  #marked = { pointed: null, current: null };

  /** @param {{ go: (row: TraceRow) => void, point: (row: TraceRow | null) => void }} on */
  constructor(on) {
    this.#on = on;
    this.element = make('div',
      { class: 'trace-rows', tabindex: '0', role: 'group', 'aria-label': 'Steps of the run', 'data-testid': 'trace-rows' }, this.#space);
    this.element.addEventListener('scroll', () => this.#show(), { passive: true });
    this.element.addEventListener('click', (event) => this.#clicked(event));
    this.element.addEventListener('pointerover', ({ target }) => on.point(this.#rowOf(target)));
    this.element.addEventListener('pointerleave', () => on.point(null));
    new ResizeObserver(() => this.#show()).observe(this.element);
  }

  /** @param {Trace} trace @param {Axis} axis */
  draw(trace, axis) {
    if (trace !== this.#trace) {
      this.#lines.forEach(({ element }) => element.remove());
      this.#lines.clear();
      this.#marked = { pointed: null, current: null };
    }

    const { element } = this;
    // The end is followed while the reader is there.
    const follows = trace === this.#trace && element.scrollTop + element.clientHeight >= this.#space.offsetHeight - ROW_PX;
    [this.#trace, this.#axis] = [trace, axis];
    this.#space.style.height = `${trace.rows.length * ROW_PX}px`;
    if (follows) {
      element.scrollTop = element.scrollHeight;
    }

    this.#show();
  }

  /** @param {'pointed' | 'current'} how @param {TraceRow | null} row */
  mark(how, row) {
    this.#marked[how] = row;
    this.#lines.forEach((line, one) => line.mark(how, one === row));
  }

  /** Brings a row into sight. @param {TraceRow} row */
  reveal(row) {
    const top = this.#trace.rows.indexOf(row) * ROW_PX;
    const { element } = this;
    if (top < element.scrollTop) {
      element.scrollTop = top;
    } else if (top + ROW_PX > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + ROW_PX - element.clientHeight;
    }
  }

  #show() {
    if (!this.#trace || this.element.clientHeight === 0) {
      return;
    }

    const first = Math.max(Math.floor(this.element.scrollTop / ROW_PX) - BEYOND, 0);
    const last = Math.ceil((this.element.scrollTop + this.element.clientHeight) / ROW_PX) + BEYOND;
    const wanted = new Set(this.#trace.rows.slice(first, last));
    for (const [row, line] of this.#lines) {
      if (!wanted.has(row)) {
        line.element.remove();
        this.#lines.delete(row);
      }
    }

    let index = first;
    for (const row of wanted) {
      this.#lineOf(row, index).update(row, this.#trace, this.#axis);
      index += 1;
    }
  }

  #lineOf(row, index) {
    let line = this.#lines.get(row);
    if (!line) {
      line = new TraceLine(row, index);
      for (const how of ['pointed', 'current']) {
        line.mark(how, this.#marked[how] === row);
      }

      this.#lines.set(row, line);
      this.#space.append(line.element);
    }

    return line;
  }

  #rowOf(target) {
    const element = target.closest('.trace-row');
    return element ? this.#trace.rowOf(element.dataset.row) ?? null : null;
  }

  #clicked(event) {
    const row = this.#rowOf(event.target);
    if (row && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.#on.go(row);
    }
  }
}

class TraceLine {
  #disc = disc('thought');
  #name = make('span', { class: 'trace-row-name' });
  #bars = make('span', { class: 'trace-row-bars', 'aria-hidden': 'true' });
  #failed = make('span', { class: 'visually-hidden', hidden: true }, 'failed');
  #time = make('span', { class: 'trace-row-time' });

  constructor({ stepId }, index) {
    this.element = make('a', {
      class: 'trace-row', href: `${location.pathname}${location.search}#step-${stepId}`, 'data-row': stepId, tabindex: '-1',
      'data-testid': 'trace-row',
    }, this.#disc, this.#name, this.#bars, this.#failed, this.#time);
    this.element.style.top = `${index * ROW_PX}px`;
  }

  update(row, trace, axis) {
    const { agentName, depth } = trace.lanes[row.lane];
    const [{ type, isCut }] = row.spans;
    const failed = rowFailed(row);
    this.element.className = `trace-row ${agentClass(agentName)}`;
    this.element.style.setProperty('--depth', String(depth));
    this.element.toggleAttribute('data-failed', failed);
    this.element.toggleAttribute('data-current', this.#isCurrent);
    this.element.toggleAttribute('data-pointed', this.#isPointed);
    setDisc(this.#disc, isCut && type !== 'thought' ? 'cut' : type);
    setText(this.#name, rowName(row, trace));
    this.element.title = depth > 0 ? agentName : '';
    this.#failed.hidden = !failed;
    setText(this.#time, duration(rowTakes(row) * 1000));
    this.#showBars(row.spans.flatMap(barsOf), axis);
  }

  #isCurrent = false;
  #isPointed = false;

  mark(how, isIt) {
    if (how === 'current') {
      this.#isCurrent = isIt;
    } else {
      this.#isPointed = isIt;
    }

    this.element.toggleAttribute(`data-${how}`, isIt);
    if (how === 'current') {
      this.element.setAttribute('aria-current', isIt ? 'step' : 'false');
    }
  }

  #showBars(bars, axis) {
    while (this.#bars.childElementCount < bars.length) {
      this.#bars.append(make('span'));
    }

    [...this.#bars.children].forEach((element, index) => {
      const bar = bars[index];
      element.hidden = !bar;
      if (bar) {
        const from = axis.shareOf(bar.from);
        element.className = `trace-row-bar is-${bar.look}`;
        element.style.left = `${from * 100}%`;
        element.style.width = `${(axis.shareOf(bar.to) - from) * 100}%`;
      }
    });
  }
}

function barsOf({ kind, type, asked, from, to, isError, isCut }) {
  const look = isError ? 'error' : kind !== 'model' ? kind : type === 'final_answer' && !isCut ? 'answer' : 'model';
  const bars = to > from || kind !== 'model' ? [{ look, from, to }] : [];
  return asked < from ? [{ look: 'lead', from: asked, to: from }, ...bars] : bars;
}
