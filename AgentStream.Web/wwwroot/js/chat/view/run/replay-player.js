import { momentOf, PAUSE_SHOWN_S, recordingOf } from '../../timeline/recording.js';
import { counted, duration, pretty } from '../../words/format.js';
import { kindClass, kindOf } from '../../words/step-kinds.js';
import { button, make, setText } from '../elements/dom.js';
import { MarkdownText } from '../text/markdown-text.js';

/** @import { Run } from '../../types.js' */
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
  /** @type {Map<string, { element: HTMLElement, text: MarkdownText | HTMLElement, shown: number, closed: boolean }>} */
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
      this.#stage.replaceChildren();
      this.#shown.clear();
    }

    for (const { step, characters, open } of moment) {
      this.#showStep(step, characters, open);
    }

    this.#stage.scrollTop = this.#stage.scrollHeight;
  }

  #showStep(step, characters, open) {
    let shown = this.#shown.get(step.stepId);
    if (!shown) {
      shown = this.#make(step);
      this.#shown.set(step.stepId, shown);
      this.#stage.append(shown.element);
    }

    if (shown.closed) {
      return;
    }

    shown.closed = !open;
    shown.element.toggleAttribute('data-open', open);
    const content = step.content ?? '';
    if (shown.text instanceof MarkdownText) {
      if (open) {
        shown.chunks.push(content.slice(shown.shown, characters));
        shown.text.grow(shown.chunks);
      } else {
        shown.text.settle(content);
      }
    } else {
      setText(shown.text, open ? '' : pretty(step.type === 'tool_use' ? step.arguments ?? content : content));
    }

    shown.shown = characters;
  }

  #make(step) {
    const { icon, word } = kindOf(step.type);
    const isData = step.type === 'tool_use' || step.type === 'tool_result';
    const body = make('div', { class: isData ? 'step-text replay-data' : 'step-text md' });
    const element = make('div',
      { class: `step step-${kindClass(step.type)}`, 'data-testid': 'replay-step', ...(step.parentStepId ? { 'data-depth': '1' } : {}) },
      make('p', { class: 'step-head step-name' }, make('span', { class: 'step-icon', 'aria-hidden': 'true' }, icon), make('span', {}, word),
        step.toolName ? make('code', { class: 'step-tool' }, step.toolName) : null),
      body);
    return { element, text: isData ? body : new MarkdownText(body, this.#tools.markdown.remote), shown: 0, chunks: [], closed: false };
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
