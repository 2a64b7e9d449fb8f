const NEAR_PX = 24;
const TOUCHING_PX = 2;

/** Follows the end of the page while the reader is there, and only then. */
export class Scroll {
  #jump;
  #following = true;
  #lastTop = 0;

  constructor(jump) {
    this.#jump = jump;
    jump.addEventListener('click', () => this.follow());
    window.addEventListener('scroll', () => this.#look(), { passive: true });
    window.addEventListener('resize', () => this.settle(), { passive: true });
  }

  /** The reader wants to be at the end. */
  follow() {
    this.#following = true;
    this.settle();
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

    this.#lastTop = top;
    this.#showJump();
  }

  #showJump() {
    this.#jump.hidden = this.#following;
  }
}

function distanceToEnd() {
  const { scrollHeight } = document.documentElement;
  return scrollHeight - window.innerHeight - window.scrollY;
}
