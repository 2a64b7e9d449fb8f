import { isOver, isStopping } from '../reducer.js';

/** @import { ConnectionState, State } from '../types.js' */

const MAX_HEIGHT_PX = 240;
// What some browsers report for a key that an input method is still using.
const KEY_IN_COMPOSITION = 229;

/** The message box with its two buttons. */
export class Composer {
  #text;
  #send;
  #stop;
  #activeRun = null;
  #stopping = false;
  #connected = false;

  constructor({ form, text, send, stop }, actions) {
    this.#text = text;
    this.#send = send;
    this.#stop = stop;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit(actions.send);
    });
    text.addEventListener('keydown', (event) => {
      const composing = event.isComposing || event.keyCode === KEY_IN_COMPOSITION;
      if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.altKey && !composing) {
        event.preventDefault();
        this.#submit(actions.send);
      }
    });
    text.addEventListener('input', () => this.#fit());
    stop.addEventListener('click', () => this.#activeRun && actions.cancel(this.#activeRun));
    text.focus({ preventScroll: true });
    this.#fit();
  }

  /** Puts a text back into the box, before what is there. @param {string} text */
  write(text) {
    this.#text.value = this.#text.value ? `${text}\n${this.#text.value}` : text;
    this.#fit();
    this.#text.focus();
  }

  /** @param {State} state */
  render(state) {
    const run = state.activeRun ? state.runs.get(state.activeRun) : null;
    this.#activeRun = run && !isOver(run) ? run.runId : null;
    this.#stopping = Boolean(run && isStopping(run));
    this.#showStop();
  }

  /** @param {ConnectionState} state */
  connectionChanged(state) {
    this.#connected = state.status === 'connected';
    this.#showStop();
  }

  #showStop() {
    this.#stop.disabled = !this.#activeRun || this.#stopping || !this.#connected;
  }

  #submit(send) {
    const message = this.#text.value.trim();
    if (message) {
      this.#text.value = '';
      this.#fit();
      send(message);
    }
  }

  #fit() {
    this.#send.disabled = this.#text.value.trim() === '';
    this.#text.style.height = 'auto';
    this.#text.style.height = `${Math.min(this.#text.scrollHeight, MAX_HEIGHT_PX)}px`;
  }
}
