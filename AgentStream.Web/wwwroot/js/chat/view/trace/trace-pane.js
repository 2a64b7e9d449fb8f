import { shares } from '../../timeline/timeline.js';
import { agentClass } from '../../words/agent-look.js';
import { duration } from '../../words/format.js';
import { agentSign } from '../elements/agent-sign.js';
import { iconButton } from '../elements/copy.js';
import { make, setText } from '../elements/dom.js';
import { LanesPicture } from './lanes-picture.js';
import { TraceRows } from './trace-rows.js';

/** @import { Axis } from '../../timeline/axis.js' */
/** @import { Trace, TraceRow, TraceSpan } from '../../timeline/trace.js' */

const LANE_PX = 26;
const BAR_PX = 12;
// Sums look at all steps: of a run that goes on not more often.
const SUMS_PAUSE_MS = 1_000;

/** At the right of the page, or a sheet above it: the lanes of a run in large, and its steps one by one. */
export class TracePane {
  #title = make('p', { class: 'trace-said' });
  #sums = make('p', { class: 'trace-sums', 'data-testid': 'trace-sums' });
  #labels = make('div', { class: 'trace-lanes-labels' });
  #axis = make('div', { class: 'trace-axis', 'aria-hidden': 'true' });
  #drawnLanes = '';
  #summed = -Infinity;

  /**
   * @param {HTMLElement} element that it fills
   * @param {{ row: (row: TraceRow) => string, rest: (rest: object) => string }} words
   * @param {{ go: (row: TraceRow) => void, point: (row: TraceRow | null) => void, close: () => void, resized: () => void }} on
   */
  constructor(element, words, { go, point, close, resized }) {
    this.element = element;
    this.picture = new LanesPicture({ height: () => ({ lane: LANE_PX, bar: BAR_PX }), words: words.row, restWords: words.rest },
      { pick: go, point, resized });
    this.rows = new TraceRows({ go, point });
    element.replaceChildren(
      make('div', { class: 'trace-head' }, make('h2', {}, 'Trace'), this.#title,
        iconButton('Close the trace', 'close', close, { 'data-testid': 'trace-close' })),
      make('div', { class: 'trace-lanes' }, this.#labels, make('div', { class: 'trace-lanes-picture' }, this.picture.element, this.#axis)),
      this.#sums,
      this.rows.element,
      make('p', { class: 'trace-keys' }, make('kbd', {}, 'J'), ' and ', make('kbd', {}, 'K'), ' go from step to step'));
    element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.preventDefault();
        event.stopPropagation();
        close();
      }
    });
  }

  /** @param {Trace} trace @param {Axis} axis @param {TraceSpan[]} changed @param {string} said what the picture shows */
  draw(trace, axis, changed, said) {
    setText(this.#title, trace.run.message ?? '');
    this.#drawLanes(trace);
    this.picture.describe(said);
    this.picture.draw(trace, axis, changed);
    this.#axis.replaceChildren(...[0, 0.5, 1].map((share) => make('span', {}, duration(axis.momentAt(share) * 1000))));
    this.rows.draw(trace, axis);
    this.#sum(trace, axis);
  }

  #drawLanes({ run, lanes }) {
    const wanted = `${run.runId} ${lanes.map(({ agentName }) => agentName).join()}`;
    if (wanted !== this.#drawnLanes) {
      this.#drawnLanes = wanted;
      this.#summed = -Infinity;
      this.#labels.replaceChildren(...lanes.map(({ agentName, depth }) => {
        const label = make('span', { class: `trace-lane ${agentClass(agentName)}`, title: agentName }, agentSign(agentName),
          make('span', { class: 'trace-lane-name' }, agentName));
        label.style.setProperty('--depth', String(depth));
        return label;
      }));
    }
  }

  #sum({ rows, run }, { rests }) {
    const now = performance.now();
    if (run.finishedAt === undefined && now - this.#summed < SUMS_PAUSE_MS) {
      return;
    }

    this.#summed = now;
    const of = (kind) => rests.filter((rest) => rest.kind === kind);
    const { model, tool, wait, lost } = shares(rows.flatMap(({ spans }) => spans), of('wait'), of('lost'));
    const sums = [['model', 'Model', model], ['tool', 'Tools', tool], ['wait', 'A person', wait], ['lost', 'No worker', lost]];
    this.#sums.replaceChildren(...sums.filter(([look, , seconds]) => seconds > 0 || look === 'model').map(([look, name, seconds]) =>
      make('span', { class: 'trace-sum' }, make('span', { class: `trace-swatch is-${look}`, 'aria-hidden': 'true' }),
        `${name} ${duration(seconds * 1000)}`)));
  }
}
