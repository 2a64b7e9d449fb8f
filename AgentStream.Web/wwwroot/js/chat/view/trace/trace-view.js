import { Preference } from '../../browser/storage.js';
import { isOver } from '../../../client/state/run-state.js';
import { Trace } from '../../timeline/trace.js';
import { restWords, rowWords, traceWords } from '../../words/trace-words.js';
import { iconButton } from '../elements/copy.js';
import { LanesPicture } from './lanes-picture.js';
import { TimeTravel } from './time-travel.js';
import { TracePane } from './trace-pane.js';

/** @import { Run, State } from '../../../client/types.js' */
/** @import { ChangeSet } from '../../state/store.js' */
/** @import { TraceRow } from '../../timeline/trace.js' */

// So often the picture of a run under way moves.
const TICK_MS = 250;
const STRIP_PX = 20;

/**
 * The trace of a run: a strip below the title, and in a pane what there is to it. It follows the newest run, unless the reader has gone to
 * another. It draws at most once a frame, and what is new, not what there was. The strip also leads back to each moment of the run.
 */
export class TraceView {
  #pane;
  #strip;
  #parts;
  #open;
  #preference;
  #on;
  /** @type {State | null} */
  #state = null;
  /** @type {Trace | null} */
  #trace = null;
  /** @type {string | null} the run that the reader has gone to */
  #chosen = null;
  /** @type {string | null} */
  #newest = null;
  /** @type {import('../../timeline/trace.js').TraceSpan[]} */
  #changed = [];
  /** @type {TraceRow | null} */
  #current = null;
  #timer = null;
  #said = '';
  #isWanted = false;
  #travel;

  /**
   * @param {{ strip: HTMLElement, pane: HTMLElement }} parts
   * @param {object} on
   * @param {Storage | null} on.storage
   * @param {() => number} on.now Unix seconds, by the server's clock
   * @param {(runId: string, stepId: string) => void} on.go leads the reader to a step of the conversation
   * @param {(runId: string, stepId: string | null) => void} on.point shows which step of the conversation is meant
   * @param {(moment: import('../../timeline/moment.js').Moment | null, changes?: ChangeSet) => void} on.travel shows the conversation at a
   *   moment; null: as it is
   */
  constructor(parts, on) {
    this.#parts = parts;
    this.#on = on;
    this.#preference = new Preference('trace', on.storage);
    const words = { row: (row) => rowWords(row, this.#trace), rest: restWords };
    const row = {
      go: (one) => this.#go(one),
      point: (one) => this.#point(one),
      resized: () => this.#draw(),
    };
    this.#strip = new LanesPicture({ height: stripHeights, words: words.row, restWords: words.rest }, row);
    this.#travel = new TimeTravel(() => ({ trace: this.#trace, state: this.#state, newest: this.#newest }), {
      now: on.now,
      travel: on.travel,
      show: (at) => {
        this.#strip.showMoment(at);
        this.#pane.picture.showMoment(at);
      },
      follow: (runId) => this.#follow(runId),
      draw: () => this.#draw(),
    });
    this.#strip.element.append(this.#travel.slider);
    this.#pane = new TracePane(parts.pane, words, { ...row, close: () => this.close() });
    this.#open = iconButton('Trace', 'chart', () => this.toggle(), {
      'aria-expanded': 'false', 'aria-controls': parts.pane.id, 'data-testid': 'trace-open', class: 'icon-button icon-button-small',
    });
    const [play, away] = this.#travel.controls;
    parts.strip.replaceChildren(play, this.#strip.element, away, this.#open);
    // A sheet that was left open would hide what somebody came for.
    this.#isWanted = this.#preference.value === 'open' && window.matchMedia(BESIDE).matches;
    this.#showPane();
  }

  get isOpen() {
    return !this.#parts.pane.hidden;
  }

  /** @returns {boolean} whether the conversation is shown as it was */
  get isTravelling() {
    return this.#travel.runId !== null;
  }

  /** The conversation is shown as it is again. */
  leaveTravel() {
    this.#travel.leave();
  }

  toggle() {
    if (this.isOpen) {
      this.close();
    } else {
      this.#want(true);
      if (!window.matchMedia(BESIDE).matches) {
        this.#parts.pane.querySelector('button').focus();
      }
    }
  }

  close() {
    const hadFocus = this.#parts.pane.contains(document.activeElement);
    this.#want(false);
    if (hadFocus) {
      this.#open.focus();
    }
  }

  /** @param {State} state @param {ChangeSet} changes */
  render(state, changes) {
    const isOther = state !== this.#state;
    this.#state = state;
    if (isOther) {
      this.#chosen = null;
      this.#travel.enter();
    }

    if (changes.everything || changes.earlier || changes.runs.size > 0) {
      this.#choose(newestRun(state));
    }

    const run = this.#run;
    if (!run) {
      this.#leave();
    } else if (this.#trace?.run !== run || changes.everything || isOneOf(run, changes.removed)) {
      this.#begin(run);
    } else if (this.#take(run, changes)) {
      this.#draw();
    }

    this.#keepTime();
    this.#travel.goToWanted();
  }

  /** The pointer is at a step of the conversation, or at none. @param {string} runId @param {string | null} stepId */
  pointedAt(runId, stepId) {
    const row = stepId && runId === this.#run?.runId ? this.#trace?.rowOf(stepId) ?? null : null;
    this.#mark('pointed', row);
  }

  /** The reader has gone to a step of the conversation. @param {string} runId @param {string} stepId */
  wentTo(runId, stepId) {
    if (this.isOpen && this.#state?.runs.has(runId)) {
      this.#follow(runId);
      this.#setCurrent(this.#trace?.rowOf(stepId) ?? null);
    }
  }

  /** To the next step, or the one before, of this run or the next one. @param {1 | -1} way */
  goBeside(way) {
    const row = this.#current ? this.#trace?.beside(this.#current, way) : this.#trace?.rows.at(way > 0 ? 0 : -1);
    if (row) {
      this.#go(row);
      return;
    }

    const runs = [...this.#state?.runs.values() ?? []].filter(({ steps, replacedBy }) => steps.size > 0 && !replacedBy);
    const beside = runs[runs.indexOf(this.#run) + way];
    if (beside && this.#run) {
      this.#follow(beside.runId);
      this.#go(this.#trace.rows.at(way > 0 ? 0 : -1));
    }
  }

  /** @returns {Run | undefined} */
  get #run() {
    return this.#state?.runs.get(this.#chosen ?? this.#newest ?? '');
  }

  // A run that is new is followed, wherever the reader was.
  #choose(newest) {
    if (newest !== this.#newest) {
      this.#newest = newest;
      this.#chosen = this.#travel.runId;
    }
  }

  #follow(runId) {
    if (runId !== this.#run?.runId) {
      this.#chosen = runId;
      this.#begin(this.#run);
    }
  }

  #begin(run) {
    this.leaveTravel();
    const current = this.#trace?.run.runId === run.runId ? this.#current?.stepId : undefined;
    this.#trace = new Trace(run, this.#on.now());
    this.#current = (current && this.#trace.rowOf(current)) || null;
    this.#showStrip(run);
    this.#showPane();
    this.#say();
    this.#draw();
    this.#mark('current', this.#current);
  }

  // Whether there is anything to be drawn.
  #take(run, changes) {
    const before = this.#changed.length;
    for (const [stepId, runId] of changes.steps) {
      const span = runId === run.runId && run.steps.has(stepId) ? this.#trace.take(run.steps.get(stepId), this.#on.now()) : null;
      if (span) {
        this.#changed.push(span);
      }
    }

    if (this.#changed.length === before && !changes.runs.has(run.runId)) {
      return false;
    }

    this.#showStrip(run);
    return true;
  }

  #draw() {
    if (!this.#trace || this.#parts.strip.hidden) {
      return;
    }

    const now = this.#on.now();
    this.#trace.grow(now);
    const axis = this.#trace.axis(now);
    this.#strip.draw(this.#trace, axis, this.#changed);
    this.#travel.draw(axis);
    if (isOver(this.#trace.run)) {
      this.#say();
    }

    if (this.isOpen) {
      this.#pane.draw(this.#trace, axis, this.#changed, this.#said);
    }

    this.#changed = [];
  }

  // All steps are looked at for it, so it is said when a run begins and when it is over.
  #say() {
    this.#said = traceWords(this.#trace, this.#trace.axis(this.#on.now()));
    this.#strip.describe(this.#said);
  }

  // A picture that nobody sees stands still.
  #keepTime() {
    const goesOn = this.#trace !== null && this.#trace.run.status !== 'queued' && !isOver(this.#trace.run);
    if (goesOn && this.#timer === null) {
      this.#timer = setInterval(() => !document.hidden && this.#draw(), TICK_MS);
    } else if (!goesOn && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #leave() {
    this.#trace = null;
    this.#current = null;
    this.#parts.strip.hidden = true;
    this.#showPane();
  }

  #want(open) {
    this.#isWanted = open;
    this.#preference.value = open ? 'open' : 'closed';
    this.#showPane();
    this.#draw();
  }

  #showStrip(run) {
    this.#parts.strip.hidden = run.steps.size === 0 && run.status === 'queued';
    this.#parts.strip.toggleAttribute('data-still', !this.#travel.isPossible);
  }

  // Where there is nothing to be seen there is no pane.
  #showPane() {
    const open = this.#isWanted && this.#trace !== null;
    if (open === this.#parts.pane.hidden) {
      this.#parts.pane.hidden = !open;
      document.documentElement.toggleAttribute('data-trace', open);
      this.#open.setAttribute('aria-expanded', String(open));
    }
  }

  #go(row) {
    this.leaveTravel();
    this.#setCurrent(row);
    this.#on.go(this.#trace.run.runId, row.stepId);
  }

  #setCurrent(row) {
    this.#current = row;
    this.#mark('current', row);
    if (row && this.isOpen) {
      this.#pane.rows.reveal(row);
    }
  }

  #point(row) {
    this.#mark('pointed', row);
    this.#on.point(this.#trace?.run.runId ?? '', row?.stepId ?? null);
  }

  #mark(how, row) {
    this.#strip.mark(how, row);
    this.#pane.picture.mark(how, row);
    this.#pane.rows.mark(how, row);
  }
}

// As css/chat/shell/trace.css has it.
const BESIDE = '(min-width: 75rem)';

function stripHeights(lanes) {
  const lane = Math.max(STRIP_PX / lanes, 4);
  return { lane, bar: Math.min(Math.max(lane - 2, 3), 10) };
}

function newestRun({ runs, activeRun }) {
  return activeRun ?? [...runs.values()].findLast(({ status, steps }) => status !== 'queued' || steps.size > 0)?.runId ?? null;
}

function isOneOf({ runId }, steps) {
  return [...steps.values()].includes(runId);
}
