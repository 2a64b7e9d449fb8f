import { addressOfMoment, momentOfAddress } from '../../navigation/moment-address.js';
import { isOver } from '../../../client/state/run-state.js';
import { Moment } from '../../timeline/moment.js';
import { Scrubber } from './scrubber.js';

/** @import { State } from '../../../client/types.js' */
/** @import { ChangeSet } from '../../state/store.js' */
/** @import { Axis } from '../../timeline/axis.js' */
/** @import { Trace } from '../../timeline/trace.js' */

// The conversation at a moment is made whole, and so is each step of the run: more would stop the page.
const MOST_STEPS_BACK = 2_000;

/** The way back to each moment of a run: by the strip's slider, and by the address. */
export class TimeTravel {
  #trace;
  #on;
  #scrubber;
  /** The conversation at a moment, and which; null: it is shown as it is. @type {{ moment: Moment, at: number } | null} */
  #back = null;
  /** What the address names and is not shown yet. */
  #wanted = momentOfAddress(location.hash);

  /**
   * @param {() => { trace: Trace | null, state: State | null, newest: string | null }} trace what is shown
   * @param {object} on
   * @param {() => number} on.now Unix seconds, by the server's clock
   * @param {(moment: Moment | null, changes?: ChangeSet) => void} on.travel shows the conversation at a moment; null: as it is
   * @param {(at: number | null) => void} on.show marks the moment in the pictures
   * @param {(runId: string) => void} on.follow shows the trace of another run
   * @param {() => void} on.draw
   */
  constructor(trace, on) {
    this.#trace = trace;
    this.#on = on;
    this.#scrubber = new Scrubber({ move: (at) => this.#to(at), rest: () => this.#keepAddress(), leave: () => this.leave() });
    window.addEventListener('hashchange', () => this.#addressChanged());
  }

  /** What stands over the strip. */
  get slider() {
    return this.#scrubber.slider;
  }

  /** What stands beside it: before it, and after it. */
  get controls() {
    return this.#scrubber.controls;
  }

  /** @returns {string | null} the run that is shown at a moment; null: none is */
  get runId() {
    return this.#back?.moment.runId ?? null;
  }

  get isPossible() {
    const size = this.#trace().trace?.run.steps.size ?? 0;
    return size > 0 && size <= MOST_STEPS_BACK;
  }

  /** The conversation is shown as it is again. */
  leave() {
    if (this.#back) {
      this.#forget();
      this.#keepAddress();
      this.#on.travel(null);
      this.#on.draw();
    }
  }

  /** Another session is shown. */
  enter() {
    this.#wanted = momentOfAddress(location.hash);
    this.#forget();
  }

  /** @param {Axis} axis */
  draw(axis) {
    this.#scrubber.show(axis, this.#back?.at ?? null);
  }

  /** To the moment that the address names, once its run is there. */
  goToWanted() {
    const wanted = this.#wanted;
    const { state, newest } = this.#trace();
    const runId = wanted?.runId ?? newest;
    if (wanted && state?.ready && state.runs.has(runId ?? '')) {
      this.#wanted = null;
      this.#on.follow(runId);
      if (this.isPossible && wanted.at < this.#trace().trace.axis(this.#on.now()).end) {
        this.#to(wanted.at);
      }
    }
  }

  #to(at) {
    const { trace, state } = this.#trace();
    const { run } = trace;
    if (this.#back && !isOver(run) && at > this.#back.moment.total) {
      // More of it has come since.
      this.#back = null;
    }

    this.#back ??= { moment: new Moment(state, state.runs.get(run.runId), this.#on.now()), at };
    this.#back.at = at;
    this.#on.travel(this.#back.moment, this.#back.moment.to(at));
    this.#on.show(at);
    this.#scrubber.show(trace.axis(this.#on.now()), at);
  }

  #forget() {
    if (this.#back) {
      this.#back = null;
      this.#scrubber.pause();
      this.#on.show(null);
    }
  }

  // In this entry of the history: going through a run is not going elsewhere.
  #keepAddress() {
    const { trace, newest } = this.#trace();
    const runId = trace?.run.runId;
    const hash = this.#back ? addressOfMoment(this.#back.at, runId === newest ? null : runId) : '';
    if (hash !== '' || momentOfAddress(location.hash)) {
      history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
    }
  }

  #addressChanged() {
    this.#wanted = momentOfAddress(location.hash);
    if (this.#wanted) {
      this.goToWanted();
    } else {
      this.leave();
    }
  }
}
