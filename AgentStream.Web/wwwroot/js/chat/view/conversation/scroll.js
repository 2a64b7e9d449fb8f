const NEAR_PX = 24;
const TOUCHING_PX = 2;
const EARLIER_PX = 400;
const PLACE_PAUSE_MS = 100;
// Whoever was led somewhere and has not moved for so long is there.
const ARRIVED_MS = 1_500;
// Below the bar at the top; runs have gaps between them, so more than one spot is asked.
const PROBES_PX = [70, 120, 200, 320];

/**
 * Follows the end of the page while the reader is there, and only then; asks for what is earlier when the reader comes near the beginning,
 * and keeps what is read where it is when that arrives.
 */
export class Scroll {
  #jump;
  #following = true;
  #lastTop = 0;
  #needsEarlier = () => false;
  /** @type {import('../../navigation/places.js').Place} */
  #place = { end: true };
  #placeTimer = null;
  /**
   * Where the reader is being led, while what was read there is still being made.
   * @type {{ place: import('../../navigation/places.js').Place, list: HTMLElement, run: HTMLElement, arrived: any } | null}
   */
  #way = null;

  /** @param {HTMLElement} jump */
  constructor(jump) {
    this.#jump = jump;
    jump.addEventListener('click', () => this.follow());
    window.addEventListener('scroll', () => this.#look(), { passive: true });
    window.addEventListener('resize', () => this.settle(), { passive: true });
    // Told when the browser knows the new height: asking for it in the middle of a frame would have the page laid out twice.
    new ResizeObserver(() => this.settle()).observe(document.body);
    // The keyboard and the wheel are the reader's word before the page has moved.
    window.addEventListener('wheel', (event) => event.deltaY < 0 && distanceToEnd() > TOUCHING_PX && this.pin(), { passive: true });
    for (const act of ['wheel', 'touchmove', 'pointerdown', 'keydown']) {
      window.addEventListener(act, () => this.#arrive(), { passive: true });
    }
  }

  /** @param {() => void} load asks for earlier messages; is told each time that the reader is near the first one */
  onBeginning(load) {
    this.#needsEarlier = load;
  }

  /** @returns {import('../../navigation/places.js').Place} where the reader is */
  get place() {
    if (this.#placeTimer !== null) {
      this.#lookWhere();
    }

    return this.#place;
  }

  /**
   * Leads the reader back.
   * @param {import('../../navigation/places.js').Place} place
   * @param {HTMLElement} list
   * @returns {boolean} false: what was read is not on the page
   */
  goBackTo(place, list) {
    if (place.end) {
      this.follow();
      return true;
    }

    const run = runIn(list, place.runId);
    if (!run) {
      return false;
    }

    this.pin();
    this.#place = place;
    this.#way = { place, list, run, arrived: setTimeout(() => this.#arrive(), ARRIVED_MS) };
    this.#goOn();
    return true;
  }

  #arrive() {
    clearTimeout(this.#way?.arrived);
    this.#way = null;
  }

  // A long text is made in slices: the page may not be long enough yet, or the browser may hold on to what stands below what still comes.
  #goOn() {
    const { place, list } = this.#way;
    // The conversation may have been made anew meanwhile.
    this.#way.run = this.#way.run.isConnected ? this.#way.run : runIn(list, place.runId);
    const { run } = this.#way;
    if (!run) {
      this.#arrive();
      return;
    }

    const away = run.getBoundingClientRect().top - place.top;
    if (Math.abs(away) > TOUCHING_PX) {
      window.scrollBy({ top: away, behavior: 'instant' });
      clearTimeout(this.#way.arrived);
      this.#way.arrived = setTimeout(() => this.#arrive(), ARRIVED_MS);
    }

    this.#lastTop = window.scrollY;
    this.#showJump();
  }

  /** The reader wants to be at the end. */
  follow() {
    this.#following = true;
    this.#arrive();
    this.#place = { end: true };
    this.settle();
  }

  /** The reader is led elsewhere, or goes there. */
  pin() {
    this.#following = false;
    this.#arrive();
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
    if (this.#way) {
      this.#goOn();
    } else if (this.#following) {
      window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
      // A reader who scrolls up before the page tells of this has scrolled up from here.
      this.#lastTop = window.scrollY;
    }

    this.#showJump();
  }

  #look() {
    if (this.#way) {
      this.#goOn();
      return;
    }

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
    this.#placeTimer ??= setTimeout(() => this.#lookWhere(), PLACE_PAUSE_MS);
  }

  #lookWhere() {
    clearTimeout(this.#placeTimer);
    this.#placeTimer = null;
    const run = this.#following ? null : runAtTop();
    this.#place = run
      ? { end: false, runId: run.dataset.runId, seq: Number(run.dataset.seq ?? 0), top: run.getBoundingClientRect().top }
      : { end: true };
  }

  #showJump() {
    this.#jump.hidden = this.#following || distanceToEnd() < NEAR_PX;
  }
}

function distanceToEnd() {
  const { scrollHeight } = document.documentElement;
  return scrollHeight - window.innerHeight - window.scrollY;
}

function runIn(list, runId) {
  return [...list.children].find(({ dataset }) => dataset.runId === runId);
}

function runAtTop() {
  const middle = document.getElementById('conversation').getBoundingClientRect();
  const x = middle.left + middle.width / 2;
  for (const y of PROBES_PX) {
    const run = document.elementFromPoint(x, y)?.closest('[data-run-id]');
    if (run) {
      return run;
    }
  }

  return null;
}
