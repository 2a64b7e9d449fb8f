import { LOCAL_SHORTCUTS, SHORTCUTS } from '../../navigation/shortcuts.js';
import { make } from '../elements/dom.js';

/** The list of keyboard shortcuts. */
export class HelpDialog {
  #dialog;

  /** @param {{ dialog: HTMLDialogElement, rows: HTMLElement, open: HTMLButtonElement }} parts */
  constructor({ dialog, rows, open }) {
    this.#dialog = dialog;
    const onMac = /Mac|iPhone|iPad/.test(navigator.platform);
    rows.append(...[...LOCAL_SHORTCUTS, ...SHORTCUTS].map(({ what, keys }) =>
      make('tr', {}, make('th', { scope: 'row' }, what), make('td', {}, ...keysOf(keys, onMac)))));
    open.addEventListener('click', () => this.show());
  }

  show() {
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
  }
}

function keysOf(keys, onMac) {
  return keys.flatMap((key, index) => {
    const cap = make('kbd', {}, onMac && key === 'Ctrl' ? '⌘' : key);
    return index === 0 ? [cap] : [' ', cap];
  });
}
