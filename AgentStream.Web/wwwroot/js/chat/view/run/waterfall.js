import { isOver } from '../../../client/state/run-state.js';
import { ShortenedTime } from '../../timeline/pauses.js';
import { shares, timelineOf } from '../../timeline/timeline.js';
import { duration } from '../../words/format.js';
import { kindClass, kindOf } from '../../words/step-kinds.js';
import { make } from '../elements/dom.js';
import { box, svg } from '../elements/svg.js';

/** @import { Run } from '../../../client/types.js' */
/** @import { Rest, Span } from '../../timeline/timeline.js' */

const WIDTH = 1_000;
const ROW = 22;
const BAR = 14;
// Thinner would not be seen: in these units a step takes at least so much.
const THINNEST = 4;
// More rows than this are a wall, not a picture; the table has them all.
const MAX_ROWS = 300;
// A person may take an hour over a run of seconds: longer than this share of the rest, a wait is drawn with a break.
const WAIT_SHARE = 0.15;
const WHOSE = { model: 'model', tool: 'tool', agent: 'another agent' };

let lastId = 0;

function nextId() {
  lastId += 1;
  return `waterfall-hatch-${lastId}`;
}

/** A picture of a run's time, step by step, with a table that says the same. */
export class Waterfall {
  #picture = svg('svg', { class: 'waterfall-picture', role: 'img', preserveAspectRatio: 'none' });
  #hatch = nextId();
  #labels = make('div', { class: 'waterfall-labels', 'aria-hidden': 'true' });
  #axis = make('div', { class: 'waterfall-axis', 'aria-hidden': 'true' });
  #frame = make('div', { class: 'waterfall-frame', tabindex: '0', role: 'group', 'aria-label': 'Picture of the run\'s time' }, this.#labels,
    this.#picture, this.#axis);
  #sums = make('p', { class: 'waterfall-sums', 'data-testid': 'waterfall-sums' });
  #rows = make('tbody');
  #table = make('details', { class: 'waterfall-table' },
    make('summary', {}, 'As a table'),
    make('div', { class: 'md-table', tabindex: '0', role: 'group', 'aria-label': 'Table of the steps' }, make('table', {},
      make('thead', {}, make('tr', {},
        ...['Step', 'Iteration', 'Whose time', 'Begins', 'First token after', 'Takes'].map((name) => make('th', { scope: 'col' }, name)))),
      this.#rows)));

  #latest = null;

  constructor() {
    this.#table.addEventListener('toggle', () => this.#latest && this.#table.open && this.#showTable(this.#latest));
  }

  element = make('div', { class: 'waterfall', 'data-testid': 'waterfall' }, this.#sums, this.#frame, this.#table);

  /** @param {Run} run @param {number} now Unix seconds */
  update(run, now) {
    const timeline = timelineOf(run, now);
    const { spans, waits, losses, total } = timeline;
    const sums = shares(spans, waits, losses);
    this.#latest = timeline;
    const shown = spans.slice(-MAX_ROWS);
    const time = drawnTime([...waits, ...losses], total, sums.wait + sums.lost);
    // A live picture follows its end, unless the reader has gone elsewhere in it.
    const follow = !isOver(run) && this.#frame.scrollTop + this.#frame.clientHeight >= this.#frame.scrollHeight - ROW;
    this.#showSums(sums, total, spans);
    this.#draw(shown, timeline, time);
    this.#labels.replaceChildren(...shown.map(label));
    this.#axis.replaceChildren(...[0, 0.5, 1].map((share) => make('span', {}, duration(time.real(time.total * share) * 1000))));
    if (follow) {
      this.#frame.scrollTop = this.#frame.scrollHeight;
    }

    // Thousands of rows are made for those who open the table, and not twice a second.
    if (this.#table.open && !(spans.length > MAX_ROWS && this.#rows.childElementCount === spans.length + waits.length)) {
      this.#showTable(timeline);
    }
  }

  #showSums({ model, tool, wait, lost }, total, spans) {
    const pale = spans.some(({ asked, from }) => asked < from) ? ' (pale: until its first token)' : '';
    const waited = (wait > 0 ? `, waited for a person ${duration(wait * 1000)}` : '')
      + (lost > 0 ? `, without a worker ${duration(lost * 1000)}` : '');
    this.#picture.setAttribute('aria-label',
      `Model ${duration(model * 1000)}, tools ${duration(tool * 1000)}${waited}, in all ${duration(total * 1000)}. The table has each `
        + `step.`);
    this.#sums.replaceChildren(
      sum('model', `Model ${duration(model * 1000)}${pale}`), sum('tool', `Tools ${duration(tool * 1000)}`),
      ...(wait > 0 ? [sum('wait', `Waited for a person ${duration(wait * 1000)}`)] : []),
      ...(lost > 0 ? [sum('lost', `Without a worker ${duration(lost * 1000)}`)] : []),
      make('span', { class: 'waterfall-total' },
        spans.length > MAX_ROWS ? `the last ${MAX_ROWS} of ${spans.length.toLocaleString('en')} steps` : ''));
  }

  #draw(shown, { waits, losses }, time) {
    const scale = WIDTH / Math.max(time.total, 0.001);
    const height = Math.max(shown.length, 1) * ROW;
    this.#picture.setAttribute('viewBox', `0 0 ${WIDTH} ${height}`);
    this.#picture.style.height = `${height}px`;
    const x = (at) => time.shown(at) * scale;
    this.#picture.replaceChildren(
      hatch(this.#hatch),
      ...waits.map((wait) => rest('wait', wait, x, height)),
      ...losses.map((loss) => rest('lost', loss, x, height)),
      ...shown.flatMap((span, row) => bar(span, row, x, `url(#${this.#hatch})`)));
  }

  #showTable({ spans, waits, losses }) {
    const rows = spans.map((span) => ({ from: span.from, row: tableRow(
      `${nameOf(span)}${span.agentName ? ` (${span.agentName})` : ''}${span.isError ? ', failed' : ''}`, span.iteration, WHOSE[span.kind],
      span.asked, span.from - span.asked, span.to - span.asked, span.open) }));
    for (const { from, to } of waits) {
      insert(rows, from, to, 'Waiting for approval', 'a person');
    }

    for (const { from, to } of losses) {
      insert(rows, from, to, 'Worker lost', 'nobody');
    }

    this.#rows.replaceChildren(...rows.map(({ row }) => row));
  }
}

// What is left when every long rest is drawn short.
function drawnTime(rests, total, rested) {
  const short = Math.max((total - rested) * WAIT_SHARE, 0.001);
  return new ShortenedTime(total, rests.filter(({ from, to }) => to - from > short).sort((a, b) => a.from - b.from), short);
}

// Among the steps, by its middle.
function insert(rows, from, to, name, whose) {
  const at = rows.findIndex((other) => other.from > (from + to) / 2);
  rows.splice(at < 0 ? rows.length : at, 0, { from, row: tableRow(name, 0, whose, from, 0, to - from, false) });
}

/** @param {'wait' | 'lost'} kind @param {Rest} rest @param {(at: number) => number} x @param {number} height */
function rest(kind, { from, to }, x, height) {
  return svg('path', { class: `waterfall-rest waterfall-${kind}`, d: box(x(from), 0, Math.max(x(to) - x(from), THINNEST), height) });
}

function tableRow(name, iteration, whose, begins, untilFirst, takes, open) {
  const right = (text) => make('td', { class: 'md-right' }, text);
  return make('tr', {},
    make('td', {}, name),
    make('td', {}, String(iteration || '')),
    make('td', {}, whose),
    right(duration(begins * 1000)),
    right(untilFirst > 0 ? duration(untilFirst * 1000) : ''),
    right(open ? `${duration(takes * 1000)} so far` : duration(takes * 1000)));
}

/** @param {Span} span */
function nameOf(span) {
  const { word, openWord } = kindOf(span.type);
  return `${span.open ? openWord : word}${span.toolName ? ` ${span.toolName}` : ''}`;
}

// Where there is little room, the sign says what is done, and the tool's name with what.
function label(span) {
  const { icon, word, openWord } = kindOf(span.type);
  return make('a', {
    class: `waterfall-label step-${kindClass(span.type)}${span.parentStepId ? ' is-nested' : ''}`,
    href: `${location.pathname}${location.search}#step-${span.stepId}`, tabindex: '-1', title: nameOf(span),
  }, make('span', { class: 'step-icon', 'aria-hidden': 'true' }, icon),
    make('span', { class: span.toolName ? 'waterfall-word' : undefined }, `${span.open ? openWord : word} `), span.toolName ?? '');
}

function bar(span, row, x, pattern) {
  const begin = Math.min(x(span.from), WIDTH - THINNEST);
  const width = Math.max(x(span.to) - begin, THINNEST);
  const y = row * ROW + (ROW - BAR) / 2;
  const kind = span.isError ? 'error' : span.kind;
  const open = span.open ? ' is-open' : '';
  return [
    svg('line', { class: 'waterfall-line', x1: 0, x2: WIDTH, y1: (row + 1) * ROW - 0.5, y2: (row + 1) * ROW - 0.5 }),
    span.from > span.asked && svg('path', { class: 'waterfall-lead', d: box(x(span.asked), y, begin - x(span.asked), BAR) }),
    svg('rect', { class: `waterfall-bar is-${kind}${open}`, x: begin, width, y, height: BAR }),
    span.kind === 'tool' && !span.isError && svg('path', { fill: pattern, d: box(begin, y, width, BAR) }),
  ].filter(Boolean);
}

// Told apart without colour, too.
function hatch(id) {
  const pattern = svg('pattern', { id, width: 9, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'skewX(-40)' });
  pattern.append(svg('path', { class: 'waterfall-stripe', d: box(0, 0, 4, 6) }));
  return pattern;
}

function sum(kind, words) {
  return make('span', { class: 'waterfall-sum' }, make('span', { class: `waterfall-swatch is-${kind}`, 'aria-hidden': 'true' }), words);
}
