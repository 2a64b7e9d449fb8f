import { Preference } from '../../browser/storage.js';

const NARROW = '(max-width: 56rem)';

/**
 * Whether the sidebar is seen.
 * On a wide screen it stands beside the conversation or is folded away, which is remembered;
 * on a narrow one it is a drawer above everything else, which keeps the focus until it is closed.
 */
export class Drawer {
  #parts;
  #preference;
  #narrow = window.matchMedia(NARROW);
  #openNarrow = false;

  /**
   * @param {{ sidebar: HTMLElement, others: HTMLElement[], shade: HTMLElement, toggle: HTMLButtonElement, close: HTMLButtonElement }} parts
   */
  constructor(parts, { storage }) {
    this.#parts = parts;
    this.#preference = new Preference('sidebar', storage);
    parts.toggle.addEventListener('click', () => this.toggle());
    parts.close.addEventListener('click', () => this.close());
    parts.shade.addEventListener('click', () => this.close());
    // Wherever the focus is: a tap may have left it nowhere. Whoever used the key for something inside has stopped it.
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#openNarrow && !document.querySelector('dialog:modal')) {
        this.close();
      }
    });
    this.#narrow.addEventListener('change', () => this.#show());
    this.#show();
  }

  get isOpen() {
    return this.#narrow.matches ? this.#openNarrow : document.documentElement.dataset.sidebar !== 'closed';
  }

  toggle() {
    if (this.isOpen) {
      this.close();
    } else {
      this.open();
    }
  }

  open() {
    this.#set(true);
    if (this.#narrow.matches) {
      this.#parts.close.focus();
    }
  }

  close() {
    const hadFocus = this.#parts.sidebar.contains(document.activeElement) || this.#openNarrow;
    this.#set(false);
    if (hadFocus) {
      this.#parts.toggle.focus();
    }
  }

  /** A session was chosen: on a narrow screen the drawer has done its work. */
  done() {
    if (this.#narrow.matches && this.#openNarrow) {
      this.close();
    }
  }

  #set(open) {
    if (this.#narrow.matches) {
      this.#openNarrow = open;
    } else {
      this.#preference.value = open ? 'open' : 'closed';
      if (open) {
        delete document.documentElement.dataset.sidebar;
      } else {
        document.documentElement.dataset.sidebar = 'closed';
      }
    }

    this.#show();
  }

  #show() {
    const { sidebar, others, shade, toggle } = this.#parts;
    const modal = this.#narrow.matches && this.#openNarrow;
    this.#openNarrow = modal;
    // What can't be seen can't be reached: `inert` is the focus trap.
    for (const other of others) {
      other.inert = modal;
    }

    sidebar.inert = !this.isOpen;
    shade.hidden = !modal;
    sidebar.classList.toggle('sidebar-open', modal);
    toggle.setAttribute('aria-expanded', String(this.isOpen));
    if (modal) {
      sidebar.setAttribute('role', 'dialog');
      sidebar.setAttribute('aria-modal', 'true');
    } else {
      sidebar.setAttribute('role', 'complementary');
      sidebar.removeAttribute('aria-modal');
    }
  }
}
