import { shares, timelineOf } from '../timeline.js';
import { make } from './dom.js';
import { duration } from './format.js';
import { kindOf } from './step-kinds.js';

/** @import { Run } from '../types.js' */
/** @import { Span } from '../timeline.js' */

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 1_000;
const ROW = 22;
const BAR = 14;
// More rows than this are a wall, not a picture; the table has them all.
const MAX_ROWS = 60;

/** A picture of a run's time, step by step, with a table that says the same. */
export class Waterfall {
  #picture = svg('svg', { class: 'waterfall-picture', role: 'img', preserveAspectRatio: 'none' });
  #labels = make('div', { class: 'waterfall-labels', 'aria-hidden': 'true' });
  #axis = make('div', { class: 'waterfall-axis', 'aria-hidden': 'true' });
  #sums = make('p', { class: 'waterfall-sums' });
  #rows = make('tbody');
  #table = make('details', { class: 'waterfall-table' },
    make('summary', {}, 'As a table'),
    make('div', { class: 'md-table', tabindex: '0', role: 'group', 'aria-label': 'Table of the steps' }, make('table', {},
      make('thead', {}, make('tr', {}, ...['Step', 'Iteration', 'Whose time', 'Begins', 'Takes'].map((name) => make('th', { scope: 'col' }, name)))),
      this.#rows)));

  #latest = null;

  constructor() {
    this.#table.addEventListener('toggle', () => this.#latest && this.#table.open && this.#showTable(this.#latest));
  }

  element = make('div', { class: 'waterfall', 'data-testid': 'waterfall' },
    this.#sums, make('div', { class: 'waterfall-frame' }, this.#labels, make('div', { class: 'waterfall-plot' }, this.#picture, this.#axis)), this.#table);

  /** @param {Run} run @param {number} now Unix seconds */
  update(run, now) {
    const { spans, total } = timelineOf(run, now);
    this.#latest = spans;
    const shown = spans.slice(-MAX_ROWS);
    const scale = WIDTH / Math.max(total, 0.001);
    this.#picture.setAttribute('viewBox', `0 0 ${WIDTH} ${Math.max(shown.length, 1) * ROW}`);
    this.#picture.style.height = `${Math.max(shown.length, 1) * ROW}px`;
    const { model, tool } = shares(spans);
    const words = `Model ${duration(model * 1000)}, tools ${duration(tool * 1000)}, in all ${duration(total * 1000)}`;
    this.#picture.setAttribute('aria-label', `${words}. The table has each step.`);
    this.#sums.replaceChildren(
      swatch('model'), `Model ${duration(model * 1000)}`, swatch('tool'), `Tools ${duration(tool * 1000)}`,
      make('span', { class: 'waterfall-total' }, spans.length > MAX_ROWS ? `the last ${MAX_ROWS} of ${spans.length} steps` : ''));
    this.#picture.replaceChildren(...shown.flatMap((span, row) => bar(span, row, scale)));
    this.#labels.replaceChildren(...shown.map((span) => make('a', { class: `waterfall-label${span.parentStepId ? ' is-nested' : ''}`, href: `${location.pathname}${location.search}#step-${span.stepId}`, tabindex: '-1' },
      `${kindOf(span.type).icon} ${nameOf(span)}`)));
    this.#axis.replaceChildren(...[0, 0.5, 1].map((share) => make('span', {}, duration(total * share * 1000))));
    // Thousands of rows are made for those who open the table, and not twice a second.
    if (this.#table.open && !(spans.length > MAX_ROWS && this.#rows.childElementCount === spans.length)) {
      this.#showTable(spans);
    }
  }

  #showTable(spans) {
    this.#rows.replaceChildren(...spans.map((span) => make('tr', {},
      make('td', {}, `${nameOf(span)}${span.agentName ? ` (${span.agentName})` : ''}${span.isError ? ', failed' : ''}`),
      make('td', {}, String(span.iteration || '')),
      make('td', {}, span.kind === 'tool' ? 'tool' : 'model'),
      make('td', { class: 'md-right' }, duration(span.from * 1000)),
      make('td', { class: 'md-right' }, span.open ? `${duration((span.to - span.from) * 1000)} so far` : duration((span.to - span.from) * 1000)))));
  }
}

/** @param {Span} span */
function nameOf(span) {
  const { word, openWord } = kindOf(span.type);
  return `${span.open ? openWord : word}${span.toolName ? ` ${span.toolName}` : ''}`;
}

function bar(span, row, scale) {
  const x = span.from * scale;
  const width = Math.max((span.to - span.from) * scale, 4);
  const place = { y: row * ROW + (ROW - BAR) / 2, height: BAR };
  const kind = span.isError ? 'error' : span.kind;
  return [
    svg('line', { class: 'waterfall-line', x1: 0, x2: WIDTH, y1: (row + 1) * ROW - 0.5, y2: (row + 1) * ROW - 0.5 }),
    svg('rect', { class: `waterfall-bar is-${kind} of-${span.type === 'answer' ? 'final_answer' : span.type}${span.open ? ' is-open' : ''}`, x: Math.min(x, WIDTH - width), width, ...place }),
  ];
}

function swatch(kind) {
  return make('span', { class: `waterfall-swatch is-${kind}`, 'aria-hidden': 'true' });
}

function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, String(value));
  }

  return element;
}
