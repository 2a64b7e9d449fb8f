import { make, setText } from '../elements/dom.js';

/** Between the versions of a message that was edited or regenerated: "2 of 3", and a way to each side. */
export class VersionSwitch {
  #words = make('span', { class: 'versions-words', 'data-testid': 'version' });
  #earlier = arrow('Earlier version', '‹', 'version-earlier', () => this.#turn(-1));
  #later = arrow('Later version', '›', 'version-later', () => this.#turn(1));
  #turn = () => {};
  element = make('span', {
    class: 'versions',
    role: 'group',
    'aria-label': 'Versions of this message',
    hidden: true,
    'data-testid': 'versions',
  }, this.#earlier, this.#words, this.#later);

  /** @param {{ version: number, versions: number, more: boolean } | null} place @param {(way: -1 | 1) => void} turn */
  show(place, turn) {
    this.#turn = turn;
    this.element.hidden = place === null;
    if (place) {
      const { version, versions, more } = place;
      // Where the first ones are not loaded, nobody knows how many there are.
      setText(this.#words, more ? 'edited' : `${version} of ${versions}`);
      this.#earlier.disabled = version === 1 && !more;
      this.#later.disabled = version === versions;
    }
  }

  /** @param {-1 | 1} way the button that was used, or the other one at the end of the row */
  focus(way) {
    const [wanted, other] = way < 0 ? [this.#earlier, this.#later] : [this.#later, this.#earlier];
    (wanted.disabled ? other : wanted).focus({ preventScroll: true });
  }
}

function arrow(label, sign, testid, action) {
  const element = make('button', { type: 'button', class: 'versions-arrow', 'aria-label': label, title: label, 'data-testid': testid },
    sign);
  element.addEventListener('click', action);
  return element;
}
