import { duration } from '../../words/format.js';
import { iconButton } from '../elements/copy.js';
import { make, setText } from '../elements/dom.js';
import { icon } from '../elements/icon.js';

/** @import { Axis } from '../../timeline/axis.js' */

const SPEEDS = [1, 2, 5, 10, 20];
// What an arrow key moves, of the whole.
const STEP = 0.01;

/** Moves through a run: dragged, by the keyboard, or played. It knows only shares of an axis, from 0 to 1. */
export class Scrubber {
  #on;
  #axis = null;
  #share = 1;
  #playing = false;
  #frame = 0;
  #lastFrame = 0;
  #speed;
  #play = iconButton('Play the run', 'play', () => (this.#playing ? this.pause() : this.#resume()), { 'data-testid': 'travel-play' });
  #time = make('span', { class: 'travel-time', 'data-testid': 'travel-time' });
  #away;

  /**
   * @param {object} on
   * @param {(at: number) => void} on.move to a moment, in seconds of the run
   * @param {() => void} on.rest it stays there for now
   * @param {() => void} on.leave back to now
   */
  constructor(on) {
    this.#on = on;
    this.slider = /** @type {HTMLInputElement} */ (make('input', {
      type: 'range', class: 'travel-slider', min: '0', max: '1', step: 'any', value: '1', 'aria-label': 'Moment of the run',
      'data-testid': 'travel-slider',
    }));
    this.slider.addEventListener('input', () => {
      this.pause();
      this.#move(Number(this.slider.value));
    });
    this.slider.addEventListener('change', () => on.rest());
    this.slider.addEventListener('keydown', (event) => this.#key(event));
    this.#speed = /** @type {HTMLSelectElement} */ (make('select',
      { class: 'travel-speed', 'aria-label': 'Speed', 'data-testid': 'travel-speed' },
      ...SPEEDS.map((speed) => make('option', { value: String(speed) }, `${speed}×`))));
    this.#away = make('span', { class: 'travel-away', hidden: true }, this.#time, this.#speed,
      iconButton('Back to now', 'close', () => on.leave(), { 'data-testid': 'travel-leave' }));
  }

  /** @returns {HTMLElement[]} what stands beside the slider: before it, and after it */
  get controls() {
    return [this.#play, this.#away];
  }

  /** @param {Axis} axis @param {number | null} at the moment that is shown; null: now */
  show(axis, at) {
    this.#axis = axis;
    this.#share = axis.shareOf(at ?? axis.end);
    this.#away.hidden = at === null;
    this.slider.value = String(this.#share);
    this.slider.toggleAttribute('data-away', at !== null);
    const time = duration((at ?? axis.end) * 1000);
    this.slider.setAttribute('aria-valuetext', `${time} of ${duration(axis.end * 1000)}`);
    setText(this.#time, time);
  }

  pause() {
    if (this.#playing) {
      this.#playing = false;
      cancelAnimationFrame(this.#frame);
      this.#showPlay();
      this.#on.rest();
    }
  }

  #resume() {
    if (!this.#axis) {
      return;
    }

    this.#playing = true;
    this.#showPlay();
    this.#lastFrame = performance.now();
    // Who is at the end begins at the beginning.
    this.#move(this.#share >= this.#axis.shareOf(this.#axis.end) ? 0 : this.#share);
    this.#plan();
  }

  #plan() {
    this.#frame = requestAnimationFrame((now) => {
      if (!this.#playing) {
        return;
      }

      const passed = Math.max(now - this.#lastFrame, 0) / 1000;
      this.#lastFrame = now;
      this.#move(this.#share + passed * Number(this.#speed.value) / this.#axis.total);
      this.#plan();
    });
  }

  // The end of what is known is now.
  #move(share) {
    if (!this.#axis) {
      return;
    }

    if (share >= this.#axis.shareOf(this.#axis.end)) {
      this.pause();
      this.#on.leave();
    } else {
      this.#share = Math.max(share, 0);
      this.#on.move(this.#axis.momentAt(this.#share));
    }
  }

  #key(event) {
    const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (way && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.pause();
      this.#move(this.#share + way * STEP);
      this.#on.rest();
    }
  }

  #showPlay() {
    const words = this.#playing ? 'Pause' : 'Play the run';
    this.#play.replaceChildren(icon(this.#playing ? 'pause' : 'play'));
    this.#play.setAttribute('aria-label', words);
    this.#play.title = words;
  }
}
