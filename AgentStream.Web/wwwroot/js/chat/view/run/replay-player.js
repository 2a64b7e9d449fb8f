import { momentOf, PAUSE_SHOWN_S, recordingOf } from '../../timeline/recording.js';
import { counted, duration } from '../../words/format.js';
import { button, make, setText } from '../elements/dom.js';
import { StepRows } from '../steps/step-rows.js';

/** @import { Run } from '../../../client/types.js' */
/** @import { RunTools } from './run.js' */

const SPEEDS = [1, 2, 5, 10];

/** Plays a finished run again at its own pace: paused, moved through, faster. */
export class ReplayPlayer {
  #tools;
  #recording;
  /** Seconds played: long pauses of the run are shorter here. */
  #at = 0;
  #playing = false;
  #lastFrame = 0;
  #frame = 0;
  #stage = make('div', { class: 'replay-stage', 'data-testid': 'replay-stage', tabindex: '0', role: 'group', 'aria-label': 'Replay' });
  /** @type {StepRows} */
  #rows;
  /** @type {Map<string, { chunks: string[], shown: number, closed: boolean }>} */
  #shown = new Map();
  #play;
  #slider;
  #time = make('span', { class: 'replay-time', 'data-testid': 'replay-time' });
  #speed;
  #pause = make('p', { class: 'replay-pause', 'data-testid': 'replay-pause', hidden: true });

  /** @param {Run} run @param {RunTools} tools */
  constructor(run, tools) {
    this.#recording = recordingOf(run);
    this.#tools = tools;
    this.#clear();
    this.#play = button('Play', () => (this.#playing ? this.pause() : this.#resume()),
      { class: 'button button-small', 'data-testid': 'replay-play' });
    this.#slider = /** @type {HTMLInputElement} */ (make('input', {
      type: 'range',
      class: 'replay-slider',
      min: '0',
      max: String(this.#recording.time.total),
      step: 'any',
      value: '0',
      'aria-label': 'Moment of the run',
      'data-testid': 'replay-slider',
    }));
    this.#slider.addEventListener('input', () => {
      this.pause();
      this.#show(Number(this.#slider.value));
    });
    this.#speed = /** @type {HTMLSelectElement} */ (make('select',
      { class: 'replay-speed', 'aria-label': 'Speed', 'data-testid': 'replay-speed' },
      ...SPEEDS.map((speed) => make('option', { value: String(speed) }, `${speed}×`))));
    this.element = make('div', { class: 'replay', 'data-testid': 'replay' },
      make('div', { class: 'replay-controls' }, this.#play, this.#slider, this.#time, this.#speed),
      make('p', { class: 'replay-note', 'data-testid': 'replay-note' }, noteOf(this.#recording)),
      this.#pause,
      this.#stage);
  }

  start() {
    this.#show(0);
    this.#resume();
  }

  pause() {
    this.#playing = false;
    cancelAnimationFrame(this.#frame);
    setText(this.#play, 'Play');
  }

  stop() {
    this.pause();
  }

  #resume() {
    if (this.#at >= this.#recording.time.total) {
      this.#show(0);
    }

    this.#playing = true;
    setText(this.#play, 'Pause');
    this.#lastFrame = performance.now();
    this.#plan();
  }

  #plan() {
    this.#frame = requestAnimationFrame((now) => {
      if (!this.#playing) {
        return;
      }

      const passed = Math.max(now - this.#lastFrame, 0) / 1000;
      this.#lastFrame = now;
      this.#show(Math.min(this.#at + passed * Number(this.#speed.value), this.#recording.time.total));
      if (this.#at >= this.#recording.time.total) {
        this.pause();
      } else {
        this.#plan();
      }
    });
  }

  #show(at) {
    const back = at < this.#at;
    this.#at = at;
    this.#slider.value = String(at);
    const { time, total, pauses } = this.#recording;
    const now = time.real(at);
    this.#slider.setAttribute('aria-valuetext', `${duration(now * 1000)} of ${duration(total * 1000)}`);
    setText(this.#time, `${duration(now * 1000)} / ${duration(total * 1000)}`);
    const pause = pauses.find(({ from, to }) => from < now && now < to);
    this.#pause.hidden = !pause;
    setText(this.#pause, pause ? `Nothing new for ${duration((pause.to - pause.from) * 1000)}` : '');
    const moment = momentOf(this.#recording, now);
    if (back) {
      this.#clear();
    }

    for (const { step, characters, open } of moment) {
      this.#showStep(step, characters, open);
    }

    this.#stage.scrollTop = this.#stage.scrollHeight;
  }

  // Played, a step is what it was live: open with what had come of it, then finished.
  #showStep(step, characters, open) {
    const shown = this.#shown.get(step.stepId) ?? { chunks: [], shown: 0, closed: false };
    this.#shown.set(step.stepId, shown);
    if (shown.closed) {
      return;
    }

    shown.closed = !open;
    if (open) {
      shown.chunks.push((step.content ?? '').slice(shown.shown, characters));
      shown.shown = characters;
    }

    this.#rows.show(open ? { ...step, open, chunks: shown.chunks, content: null } : step);
  }

  #clear() {
    this.#stage.replaceChildren();
    this.#shown.clear();
    this.#rows = new StepRows({ markdown: this.#tools.markdown, inFull: this.#tools.inFull, anchors: false, testid: 'replay-step' },
      (row) => this.#stage.append(row));
  }
}

/** @param {import('../../timeline/recording.js').Recording} recording */
function noteOf({ exact, pauses }) {
  const pace = exact
    ? 'As it came to this page, piece by piece.'
    : 'This page was not there while it ran: each step begins and ends when it did, its text is spread evenly in between.';
  const cut = pauses.reduce((sum, { from, to }) => sum + to - from, 0);
  return pauses.length === 0
    ? pace
    : `${pace} ${counted(pauses.length, 'long pause', 'long pauses')} (${duration(cut * 1000)}) ${pauses.length === 1 ? 'is' : 'are'} `
      + `shortened to ${duration(PAUSE_SHOWN_S * 1000)}${pauses.length === 1 ? '' : ' each'}.`;
}
