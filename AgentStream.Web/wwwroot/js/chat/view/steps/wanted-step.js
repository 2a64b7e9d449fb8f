/** The step that the address names: the reader is led to it as soon as it is on the page, and earlier pages are loaded for it. */
export class WantedStep {
  #stepId = stepOfAddress();
  #show;
  #loadEarlier;
  #looking = false;
  #addressChanged = () => {
    this.#stepId = stepOfAddress();
    this.look();
  };

  /**
   * @param {object} page
   * @param {(stepId: string) => boolean} page.show leads the reader to it; false: it is not here
   * @param {() => Promise<boolean> | null} page.loadEarlier whether something came; null: there is nothing to load now
   */
  constructor({ show, loadEarlier }) {
    this.#show = show;
    this.#loadEarlier = loadEarlier;
    window.addEventListener('hashchange', this.#addressChanged);
  }

  /** @returns {boolean} whether the address names one, be it shown already or not */
  get isNamed() {
    return stepOfAddress() !== null;
  }

  /** More is on the page now. */
  look() {
    if (this.#stepId === null) {
      return;
    }

    if (this.#show(this.#stepId)) {
      this.#stepId = null;
    } else {
      void this.#lookEarlier();
    }
  }

  dispose() {
    window.removeEventListener('hashchange', this.#addressChanged);
  }

  async #lookEarlier() {
    const loading = this.#looking ? null : this.#loadEarlier();
    if (loading) {
      this.#looking = true;
      const came = await loading;
      this.#looking = false;
      if (!came) {
        this.#stepId = null;
      }
    }
  }
}

function stepOfAddress() {
  return /^#step-([A-Za-z0-9_-]{1,128})$/.exec(location.hash)?.[1] ?? null;
}
