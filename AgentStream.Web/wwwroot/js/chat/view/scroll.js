const NEAR_PX = 24;
const TOUCHING_PX = 2;
const EARLIER_PX = 400;

/**
 * Follows the end of the page while the reader is there, and only then; asks for what is earlier when the reader comes near the beginning, and keeps
 * what is read where it is when that arrives.
 */
export class Scroll {
  #jump;
  #following = true;
  #lastTop = 0;
  #needsEarlier = () => false;

  /** @param {HTMLElement} jump */
  constructor(jump) {
    this.#jump = jump;
    jump.addEventListener('click', () => this.follow());
    window.addEventListener('scroll', () => this.#look(), { passive: true });
    window.addEventListener('resize', () => this.settle(), { passive: true });
    // The keyboard and the wheel are the reader's word before the page has moved.
    window.addEventListener('wheel', (event) => event.deltaY < 0 && distanceToEnd() > TOUCHING_PX && this.pin(), { passive: true });
  }

  /** @param {() => void} load asks for earlier messages; is told each time that the reader is near the first one */
  onBeginning(load) {
    this.#needsEarlier = load;
  }

  /** The reader wants to be at the end. */
  follow() {
    this.#following = true;
    this.settle();
  }

  /** The reader is led elsewhere, or goes there. */
  pin() {
    this.#following = false;
    this.#showJump();
  }

  /**
   * Changes the page above what is being read, which stays where it is.
   * @param {HTMLElement} list
   * @param {() => void} change
   */
  keep(list, change) {
    const anchor = [...list.children].find((element) => element.getBoundingClientRect().bottom > 0);
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    if (anchor && !this.#following) {
      const moved = anchor.getBoundingClientRect().top - before;
      if (Math.abs(moved) > 1) {
        window.scrollBy({ top: moved, behavior: 'instant' });
      }
    }

    this.#lastTop = window.scrollY;
  }

  /** The page has changed. */
  settle() {
    if (this.#following) {
      window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
    }

    this.#showJump();
  }

  #look() {
    const top = window.scrollY;
    const distance = distanceToEnd();
    // The page itself only ever scrolls down: upwards is the reader, be it by a pixel, and wins over what is streaming.
    if (top < this.#lastTop && distance > TOUCHING_PX) {
      this.#following = false;
    } else if (distance < NEAR_PX) {
      this.#following = true;
    }

    if (top < this.#lastTop && top < EARLIER_PX) {
      this.#needsEarlier();
    }

    this.#lastTop = top;
    this.#showJump();
  }

  #showJump() {
    this.#jump.hidden = this.#following || distanceToEnd() < NEAR_PX;
  }
}

function distanceToEnd() {
  const { scrollHeight } = document.documentElement;
  return scrollHeight - window.innerHeight - window.scrollY;
}
