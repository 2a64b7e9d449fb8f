/** Asks before something is lost. */
export class ConfirmDialog {
  #dialog;
  #text;

  /** @param {{ dialog: HTMLDialogElement, text: HTMLElement }} parts */
  constructor({ dialog, text }) {
    this.#dialog = dialog;
    this.#text = text;
  }

  /** @param {string} sentence what would be lost @returns {Promise<boolean>} */
  ask(sentence) {
    this.#text.textContent = sentence;
    // Escape answers nothing: what the last question was answered with must not stand.
    this.#dialog.returnValue = 'no';
    this.#dialog.showModal();
    return new Promise((resolve) => {
      this.#dialog.addEventListener('close', () => resolve(this.#dialog.returnValue === 'yes'), { once: true });
    });
  }
}
