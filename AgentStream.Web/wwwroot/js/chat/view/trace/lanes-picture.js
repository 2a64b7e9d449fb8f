import { beginOf, endOf } from '../../timeline/trace.js';
import { make, setText } from '../elements/dom.js';
import { box, svg } from '../elements/svg.js';
import { Bars } from './bars.js';

/** @import { Axis } from '../../timeline/axis.js' */
/** @import { Trace, TraceRow, TraceSpan } from '../../timeline/trace.js' */

const LOOKS = ['lead', 'model', 'answer', 'tool', 'error', 'bracket', 'bracket-error'];
// Thinner would not be seen.
const THINNEST = 2;
// So far from a bar it is still meant.
const NEAR = 6;

let lastId = 0;

/** Lanes of bars, one for each agent. What is over is drawn once; what goes on is drawn anew each time. */
export class LanesPicture {
  #height;
  #words;
  #on;
  #id;
  #picture = svg('svg', { class: 'lanes-picture', role: 'img' });
  #still = svg('g');
  #moving = svg('g');
  #veil = svg('g');
  #marks = svg('g');
  #tip = make('div', { class: 'lanes-tip', 'aria-hidden': 'true', hidden: true });
  /** @type {Record<string, Bars>} */
  #bars;
  #width = 0;
  /** @type {Trace | null} */
  #trace = null;
  /** @type {Axis | null} */
  #axis = null;
  #drawn = '';
  /** The moment that is shown; null: now. @type {number | null} */
  #moment = null;
  /** @type {Record<string, TraceRow | null>} */
  #marked = { pointed: null, current: null };

  /**
   * @param {object} look
   * @param {(lanes: number) => { lane: number, bar: number }} look.height of a lane and of its bars, in pixels
   * @param {(row: TraceRow) => string} look.words of a row
   * @param {(rest: import('../../timeline/axis.js').AxisRest) => string} look.restWords
   * @param {object} on
   * @param {(row: TraceRow | null) => void} on.point the pointer is at a row's bar, which is to be marked
   * @param {(row: TraceRow) => void} [on.pick]
   * @param {() => void} on.resized it has to be drawn
   */
  constructor({ height, words, restWords }, on) {
    lastId += 1;
    this.#id = `lanes-${lastId}`;
    this.#height = height;
    this.#words = { row: words, rest: restWords };
    this.#on = on;
    this.#bars = Object.fromEntries(LOOKS.map((look) => [look, new Bars(this.#still, `lanes-${look}`)]));
    this.#picture.append(patterns(this.#id), this.#still, this.#moving, this.#veil, this.#marks);
    this.element = make('div', { class: 'lanes' }, this.#picture, this.#tip);
    this.element.addEventListener('pointermove', (event) => this.#pointed(event));
    this.element.addEventListener('pointerleave', () => this.#leave());
    this.element.addEventListener('click', (event) => this.#picked(event));
    new ResizeObserver(([{ contentRect }]) => {
      if (Math.round(contentRect.width) !== this.#width) {
        this.#width = Math.round(contentRect.width);
        // What came while nobody saw it has to be drawn, too.
        this.#drawn = '';
        on.resized();
      }
    }).observe(this.element);
  }

  /** @param {string} words what it shows, for who can't see it */
  describe(words) {
    if (this.#picture.getAttribute('aria-label') !== words) {
      this.#picture.setAttribute('aria-label', words);
    }
  }

  /** @param {Trace} trace @param {Axis} axis @param {TraceSpan[]} changed since it was drawn last */
  draw(trace, axis, changed) {
    if (this.#width === 0) {
      return;
    }

    const wanted = `${axis.key}|${this.#width}|${trace.lanes.length}`;
    const isAnew = trace !== this.#trace || wanted !== this.#drawn;
    if (trace !== this.#trace) {
      this.#marked = { pointed: null, current: null };
    }

    [this.#trace, this.#axis, this.#drawn] = [trace, axis, wanted];
    if (isAnew) {
      this.#drawAll();
    } else {
      changed.forEach((span) => this.#add(span));
    }

    this.#drawMoving();
    this.#drawVeil();
    this.#drawMarks();
  }

  /** What came after a moment is not there yet. @param {number | null} at seconds of the run; null: nothing did */
  showMoment(at) {
    if (this.#moment !== at) {
      this.#moment = at;
      this.#drawVeil();
    }
  }

  /** @param {'pointed' | 'current'} how @param {TraceRow | null} row */
  mark(how, row) {
    if (this.#marked[how] !== row) {
      this.#marked[how] = row;
      this.#drawMarks();
    }
  }

  #drawAll() {
    const { lanes, rows, delegations } = this.#trace;
    const { lane } = this.#heights();
    const height = lane * lanes.length;
    this.#picture.setAttribute('viewBox', `0 0 ${this.#width} ${height}`);
    this.#picture.style.height = `${height}px`;
    this.#still.replaceChildren(
      ...lanes.map((_, index) => svg('path', { class: 'lanes-line', d: `M0 ${(index + 0.5) * lane}h${this.#width}` })),
      ...this.#axis.rests.filter(({ open }) => !open).flatMap((rest) => this.#rest(rest, height)));
    Object.values(this.#bars).forEach((bars) => bars.clear());
    for (const delegation of delegations.values()) {
      this.#bracket(delegation);
    }

    for (const { spans } of rows) {
      spans.forEach((span) => this.#add(span, false));
    }
  }

  #add(span, isNew = true) {
    if (span.open) {
      return;
    }

    if (isNew && span.callStepId && this.#trace.delegations.has(span.callStepId)) {
      this.#bracket(this.#trace.delegations.get(span.callStepId));
    }

    const { y, height } = this.#place(span.lane);
    if (span.asked < span.from) {
      this.#bars.lead.add(this.#x(span.asked), y, this.#x(span.from) - this.#x(span.asked), height);
    }

    const look = lookOf(span, this.#trace);
    if (look) {
      const from = this.#x(span.from);
      this.#bars[look].add(from, y, Math.max(this.#x(span.to) - from, THINNEST), height);
    }
  }

  // From the lane of who asked down to the one that worked, and back.
  #bracket({ outer, lane, from, to, isError }) {
    if (to !== null) {
      this.#bars[isError ? 'bracket-error' : 'bracket'].addWay(this.#wayOf(outer, lane, from, to, true));
    }
  }

  #wayOf(outer, lane, from, to, isClosed) {
    const { lane: height } = this.#heights();
    const [top, bottom] = [(outer + 0.5) * height, (lane + 0.5) * height];
    return `M${this.#x(from)} ${bottom}V${top}H${this.#x(to)}${isClosed ? `V${bottom}` : ''}`;
  }

  #drawMoving() {
    const { lanes, delegations, open } = this.#trace;
    const { end, rests } = this.#axis;
    const height = this.#heights().lane * lanes.length;
    const moving = [];
    for (const { to, outer, lane, from } of delegations.values()) {
      if (to === null) {
        moving.push(svg('path', { class: 'lanes-bracket is-open', d: this.#wayOf(outer, lane, from, end, false) }));
      }
    }

    for (const span of open) {
      const place = this.#place(span.lane);
      const from = this.#x(span.from);
      const width = Math.max(this.#x(span.to) - from, THINNEST);
      moving.push(
        svg('path', { class: 'lanes-lead', d: box(this.#x(span.asked), place.y, from - this.#x(span.asked), place.height) }),
        svg('path', { class: `lanes-${span.kind === 'tool' ? 'tool' : 'model'} is-open`, d: box(from, place.y, width, place.height) }));
    }

    const rest = rests.at(-1);
    this.#moving.replaceChildren(...(rest?.open ? this.#rest(rest, height) : []), ...moving);
  }

  #rest({ from, to, kind, isBroken }, height) {
    const x = this.#x(from);
    const width = Math.max(this.#x(to) - x, THINNEST);
    const middle = x + width / 2;
    return [
      svg('path', { class: `lanes-rest is-${kind}`, fill: `url(#${this.#id}-${kind})`, d: box(x, 0, width, height) }),
      ...(isBroken ? [svg('path', { class: 'lanes-break', d: zigzag(middle, height) })] : []),
    ];
  }

  #drawVeil() {
    if (this.#moment === null || !this.#axis || this.#width === 0) {
      this.#veil.replaceChildren();
      return;
    }

    const height = this.#heights().lane * this.#trace.lanes.length;
    const x = this.#x(this.#moment);
    this.#veil.replaceChildren(svg('path', { class: 'lanes-veil', d: box(x, 0, Math.max(this.#width - x, 0), height) }),
      svg('path', { class: 'lanes-moment', d: `M${x} -2v${height + 4}` }));
  }

  #drawMarks() {
    this.#marks.replaceChildren(...Object.entries(this.#marked).filter(([, row]) => row && this.#trace).map(([how, row]) => {
      const { y, height } = this.#place(row.lane);
      const from = this.#x(beginOf(row));
      return svg('rect', {
        class: `lanes-mark is-${how}`, x: from - 1.5, y: y - 1.5, rx: 2.5, height: height + 3,
        width: Math.max(this.#x(endOf(row)) - from, THINNEST) + 3,
      });
    }));
  }

  #pointed({ clientX, clientY, pointerType }) {
    if (!this.#trace || pointerType === 'touch') {
      return;
    }

    const found = this.#at(clientX, clientY);
    if (found.row !== this.#marked.pointed) {
      this.#on.point(found.row);
    }

    const words = found.row ? this.#words.row(found.row) : found.rest ? this.#words.rest(found.rest) : '';
    this.#tip.hidden = words === '';
    setText(this.#tip, words);
    // Where there is room for it.
    this.#tip.style.left = `${Math.min(Math.max(found.x - this.#tip.offsetWidth / 2, 0), this.#width - this.#tip.offsetWidth)}px`;
  }

  #leave() {
    this.#tip.hidden = true;
    this.#on.point(null);
  }

  #picked({ clientX, clientY }) {
    const row = this.#trace && this.#at(clientX, clientY).row;
    if (row) {
      this.#on.pick?.(row);
    }
  }

  #at(clientX, clientY) {
    const { left, top } = this.#picture.getBoundingClientRect();
    const x = clientX - left;
    const moment = this.#axis.momentAt(x / this.#width);
    const near = Math.max(this.#axis.momentAt((x + NEAR) / this.#width) - moment, 0);
    const lane = Math.min(Math.max(Math.floor((clientY - top) / this.#heights().lane), 0), this.#trace.lanes.length - 1);
    const rest = this.#axis.rests.find(({ from, to }) => from <= moment && moment <= to);
    return { x, rest, row: rest?.isBroken ? null : this.#trace.rowAt(lane, moment, near) };
  }

  #heights() {
    return this.#height(this.#trace.lanes.length);
  }

  #place(lane) {
    const heights = this.#heights();
    return { y: lane * heights.lane + (heights.lane - heights.bar) / 2, height: heights.bar };
  }

  #x(at) {
    return Math.round(this.#axis.shareOf(at) * this.#width * 10) / 10;
  }
}

/** @param {TraceSpan} span @param {Trace} trace @returns {string | null} null: what others did for it says it all */
function lookOf({ kind, type, isError, isCut, callStepId }, { delegations }) {
  if (kind === 'agent' && delegations.has(callStepId)) {
    return null;
  }

  return isError ? 'error' : kind !== 'model' ? 'tool' : type === 'final_answer' && !isCut ? 'answer' : 'model';
}

// Told apart without colour, too: stripes where a person was waited for, dots where there was no worker.
function patterns(id) {
  return svg('defs', {},
    svg('pattern', { id: `${id}-wait`, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      svg('path', { class: 'lanes-wait-ground', d: box(0, 0, 6, 6) }), svg('path', { class: 'lanes-wait-stripe', d: box(0, 0, 2, 6) })),
    svg('pattern', { id: `${id}-lost`, width: 5, height: 5, patternUnits: 'userSpaceOnUse' },
      svg('path', { class: 'lanes-lost-ground', d: box(0, 0, 5, 5) }),
      svg('circle', { class: 'lanes-lost-dot', cx: 2.5, cy: 2.5, r: 1.2 })));
}

function zigzag(x, height) {
  let way = `M${x} 0`;
  for (let y = 0, side = 2.5; y < height; y += 5, side = -side) {
    way += `l${side} 2.5l${-side} 2.5`;
  }

  return way;
}
