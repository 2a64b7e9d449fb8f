import { isOver, isStopping } from '../../../client/state/run-state.js';
import { writtenText } from './written-text.js';

/** @import { ConnectionState, State } from '../../../client/types.js' */

const MAX_HEIGHT_PX = 240;
// What some browsers report for a key that an input method is still using.
const KEY_IN_COMPOSITION = 229;
const DRAFT_PAUSE_MS = 250;

/** The message box with its buttons. While a run is going on a message waits in the queue, is handed to it, or interrupts it. */
export class Composer {
  #text;
  #send;
  #stop;
  #steer;
  #interrupt;
  #drafts;
  #actions;
  #sessionId = null;
  #draftTimer = null;
  #activeRun = null;
  #stopping = false;
  #connected = false;

  /**
   * @param {{ form: HTMLFormElement, text: HTMLTextAreaElement, send: HTMLButtonElement, stop: HTMLButtonElement,
   *   steer: HTMLButtonElement, interrupt: HTMLButtonElement }} parts
   * @param {{ send: (message: string, onBusy?: 'steer' | 'interrupt') => void, cancel: (runId: string) => void,
   *   editLast: () => void }} actions
   */
  constructor({ form, text, send, stop, steer, interrupt }, actions, { drafts }) {
    this.#text = text;
    this.#send = send;
    this.#stop = stop;
    this.#steer = steer;
    this.#interrupt = interrupt;
    this.#drafts = drafts;
    this.#actions = actions;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    text.addEventListener('keydown', (event) => this.#key(event));
    text.addEventListener('input', () => {
      this.#fit();
      this.#keepDraftSoon();
    });
    steer.addEventListener('click', () => this.#submit('steer'));
    interrupt.addEventListener('click', () => this.#submit('interrupt'));
    // It stands where "send" stood: the second click of a double click was meant for that.
    stop.addEventListener('click', ({ detail }) => detail > 1 || this.stop());
    // A page that goes away has no time for a pause.
    window.addEventListener('pagehide', () => this.#keepDraft());
    this.#fit();
  }

  /** Another session: its own draft, whatever was begun in the one before is kept there. @param {string} sessionId */
  enter(sessionId) {
    this.#keepDraft();
    this.#sessionId = sessionId;
    this.#text.value = this.#drafts.read(sessionId);
    this.#fit();
  }

  focus() {
    this.#text.focus({ preventScroll: true });
  }

  /** The same, where that raises no keyboard over what is to be read. */
  offerFocus() {
    if (!matchMedia('(pointer: coarse)').matches) {
      this.focus();
    }
  }

  /** Puts a text back into the box, before what is there. @param {string} text */
  write(text) {
    this.#text.value = this.#text.value ? `${text}\n${this.#text.value}` : text;
    this.#fit();
    this.#keepDraft();
    this.#text.focus();
  }

  stop() {
    if (this.#activeRun && !this.#stopping && this.#connected) {
      this.#actions.cancel(this.#activeRun);
    }
  }

  /** @param {State} state */
  render(state) {
    const run = state.activeRun ? state.runs.get(state.activeRun) : null;
    this.#activeRun = run && !isOver(run) ? run.runId : null;
    this.#stopping = Boolean(run && isStopping(run));
    this.#showButtons();
  }

  /** @param {ConnectionState} state */
  connectionChanged(state) {
    this.#connected = state.status === 'connected';
    this.#showButtons();
  }

  #key(event) {
    const composing = event.isComposing || event.keyCode === KEY_IN_COMPOSITION;
    if (event.key === 'ArrowUp' && this.#text.value === '' && !composing && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#actions.editLast();
      return;
    }

    if (event.key !== 'Enter' || event.shiftKey || event.altKey || composing) {
      return;
    }

    event.preventDefault();
    this.#submit((event.ctrlKey || event.metaKey) && this.#activeRun ? 'interrupt' : undefined);
  }

  #showButtons() {
    const focused = [this.#stop, this.#steer, this.#interrupt, this.#send].find((one) => one === document.activeElement);
    const busy = this.#activeRun !== null;
    const hasText = this.#text.value.trim() !== '';
    // One button, at one place: with something to send it sends, with nothing it stops.
    this.#stop.hidden = !busy || hasText;
    this.#send.hidden = busy && !hasText;
    this.#stop.disabled = this.#stopping || !this.#connected;
    this.#interrupt.hidden = !busy || !hasText;
    // One that is stopping has no next step.
    this.#steer.hidden = this.#interrupt.hidden || this.#stopping;
    this.#send.disabled = !hasText;
    this.#send.setAttribute('aria-label', busy ? 'Queue' : 'Send');
    this.#send.title = busy ? 'Send it when the run that is going on is over (Enter)' : 'Send (Enter)';
    if (focused && (focused.hidden || focused.disabled)) {
      this.offerFocus();
    }
  }

  #submit(onBusy) {
    const message = writtenText(this.#text.value);
    if (message) {
      this.#text.value = '';
      this.#fit();
      this.#keepDraft();
      this.#actions.send(message, onBusy);
    }
  }

  #keepDraftSoon() {
    this.#draftTimer ??= setTimeout(() => this.#keepDraft(), DRAFT_PAUSE_MS);
  }

  #keepDraft() {
    clearTimeout(this.#draftTimer);
    this.#draftTimer = null;
    if (this.#sessionId) {
      this.#drafts.write(this.#sessionId, this.#text.value);
    }
  }

  #fit() {
    this.#showButtons();
    this.#text.style.height = 'auto';
    this.#text.style.height = `${Math.min(this.#text.scrollHeight, MAX_HEIGHT_PX)}px`;
  }
}
