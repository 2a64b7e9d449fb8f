import { Preference } from '../../browser/storage.js';

/** @import { Run } from '../../../client/types.js' */

const ENDS = { completed: 'The answer is there.', failed: 'The run failed.' };
const REFUSED = 'The browser keeps this page from telling you. Allow notifications in its settings for this site.';

/** Tells, by the browser's own notification, who looks elsewhere that a run is over or that they are asked: only who switched that on. */
export class Notifier {
  #button;
  #preference;
  #Notification;
  #say;
  #active = null;
  #asked = null;

  /**
   * @param {HTMLElement} button switches it on and off; the browser asks the person when it is switched on for the first time
   * @param {object} around
   * @param {Storage | null} around.storage
   * @param {(words: string) => void} around.say to the person on the page
   * @param {typeof Notification} [around.Notification] missing where the browser has none: then there is no button
   */
  constructor(button, { storage, say, Notification = globalThis.Notification }) {
    this.#button = button;
    this.#preference = new Preference('notify', storage);
    this.#Notification = Notification;
    this.#say = say;
    button.hidden = !Notification;
    button.addEventListener('click', () => this.#toggle());
    this.#show();
  }

  /**
   * What goes on in the session that is open.
   * @param {string} sessionId
   * @param {string} title
   * @param {Run | null} active the run that goes on
   * @param {(runId: string) => Run | undefined} runOf
   */
  update(sessionId, title, active, runOf) {
    const ended = this.#active && this.#active !== active?.runId ? runOf(this.#active) : null;
    const asked = active?.status === 'waiting' ? active.runId : null;
    if (asked && asked !== this.#asked) {
      this.#tell(sessionId, title, `${active.agentName || 'The agent'} asks you.`);
    } else if (Object.hasOwn(ENDS, ended?.status ?? '')) {
      this.#tell(sessionId, title, ENDS[ended.status]);
    }

    this.#active = active?.runId ?? null;
    this.#asked = asked;
  }

  get #isOn() {
    return this.#preference.value === 'on' && this.#Notification?.permission === 'granted';
  }

  async #toggle() {
    if (this.#isOn) {
      this.#preference.value = 'off';
    } else if (await this.#Notification.requestPermission() === 'granted') {
      this.#preference.value = 'on';
    } else {
      this.#say(REFUSED);
    }

    this.#show();
  }

  #show() {
    this.#button.setAttribute('aria-pressed', String(this.#isOn));
  }

  // One a session: what came before is out of date.
  #tell(sessionId, title, body) {
    if (!this.#isOn || !document.hidden) {
      return;
    }

    try {
      const shown = new this.#Notification(title, { body, tag: sessionId, icon: new URL('favicon.svg', document.baseURI).href });
      shown.addEventListener('click', () => {
        window.focus();
        shown.close();
      });
    } catch (error) {
      // Some phones have the name and not the thing.
      console.warn(error);
      this.#button.hidden = true;
    }
  }
}
