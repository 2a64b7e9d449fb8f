/** @import { AttachedFiles } from './attached-files.js' */

// What is longer is a document, and not a question.
const LONG_PASTE = 4_000;
const PASTED = 'pasted text.txt';

/**
 * Takes in the files that are to come with a message: by the button, by paste and by drop; a long text that is pasted becomes one.
 * What shows and sends them comes once there is one.
 */
export class FilesDoor {
  #load;
  /** @type {AttachedFiles | null} */
  #files = null;
  #sessionId = '';

  /** Called when there are others, or one of them is further. */
  onChange = () => {};

  /**
   * @param {{ button: HTMLButtonElement, input: HTMLInputElement, text: HTMLTextAreaElement, form: HTMLElement }} parts
   * @param {() => Promise<AttachedFiles>} load
   */
  constructor({ button, input, text, form }, load) {
    this.#load = load;
    button.addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      void this.#add([...input.files]);
      input.value = '';
      text.focus();
    });
    text.addEventListener('paste', (event) => this.#paste(event));
    document.addEventListener('dragover', (event) => this.#over(event, form));
    document.addEventListener('dragleave', ({ relatedTarget }) => relatedTarget ?? form.removeAttribute('data-dropping'));
    document.addEventListener('drop', (event) => this.#drop(event, form));
  }

  /** @returns {boolean} whether any is still on its way */
  get isBusy() {
    return this.#files?.isBusy(this.#sessionId) ?? false;
  }

  /** @returns {string} what stands in place of a message that has files alone; empty: there are none */
  get words() {
    const count = this.#files?.idsOf(this.#sessionId).length ?? 0;
    return count === 0 ? '' : count === 1 ? 'See the attached file.' : 'See the attached files.';
  }

  /** Another session, which has files of its own. @param {string} sessionId */
  enter(sessionId) {
    this.#sessionId = sessionId;
    this.#files?.enter(sessionId);
  }

  /** @returns {string[]} the ids of those that go with the message; they are attached to the next one no more */
  take() {
    return this.#files?.take(this.#sessionId) ?? [];
  }

  /** Attaches again what went with a message that did not get through. @param {string[]} ids */
  putBack(ids) {
    this.#files?.putBack(this.#sessionId, ids);
  }

  async #add(files) {
    if (files.length === 0) {
      return;
    }

    const sessionId = this.#sessionId;
    try {
      const loaded = await this.#load();
      if (!this.#files) {
        this.#files = loaded;
        loaded.onChange = () => this.onChange();
        loaded.enter(this.#sessionId);
      }

      this.#files.add(sessionId, files);
    } catch (error) {
      console.warn(error);
    }
  }

  #paste(event) {
    const files = [...event.clipboardData?.files ?? []];
    const pasted = event.clipboardData?.getData('text/plain') ?? '';
    if (files.length === 0 && pasted.length > LONG_PASTE) {
      files.push(new File([pasted], PASTED, { type: 'text/plain' }));
    }

    if (files.length > 0) {
      event.preventDefault();
      void this.#add(files);
    }
  }

  #over(event, form) {
    if (event.dataTransfer?.types.includes('Files')) {
      event.preventDefault();
      form.setAttribute('data-dropping', '');
    }
  }

  #drop(event, form) {
    form.removeAttribute('data-dropping');
    if (event.dataTransfer?.files.length > 0) {
      event.preventDefault();
      void this.#add([...event.dataTransfer.files]);
    }
  }
}
