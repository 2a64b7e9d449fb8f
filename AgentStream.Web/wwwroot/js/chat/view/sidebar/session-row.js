import { make, setText } from '../elements/dom.js';
import { icon } from '../elements/icon.js';

const LONGEST_TITLE = 200;
const STATE_WORDS = { running: 'working', waiting: 'asks you', queued: 'queued' };

/** One session in the list: a link, and what can be done with it. Its title is renamed in its place. */
export class SessionRow {
  #id;
  #actions;
  #title = make('span', { class: 'session-row-title' });
  #stateWords = make('span');
  #busy = make('span', { class: 'session-row-busy', hidden: true, 'data-testid': 'session-busy' },
    make('span', { class: 'session-row-sign', 'aria-hidden': 'true' }), this.#stateWords);
  #link;
  #rename;
  #remove;
  #tools;
  #input = null;
  #shown = '';

  /**
   * @param {string} sessionId
   * @param {{ addressOf: (id: string) => string, open: (id: string) => void, rename: (id: string, title: string) => void, remove:
   *   (id: string) => void }} actions
   */
  constructor(sessionId, actions) {
    this.#id = sessionId;
    this.#actions = actions;
    this.#link = make('a', { class: 'session-row-link', href: actions.addressOf(sessionId) }, this.#title, this.#busy);
    this.#rename = make('button', { type: 'button', class: 'icon-button icon-button-small', 'data-testid': 'session-rename' },
      icon('pencil'));
    this.#remove = make('button', { type: 'button', class: 'icon-button icon-button-small', 'data-testid': 'session-delete' },
      icon('trash'));
    this.#tools = make('span', { class: 'session-row-tools' }, this.#rename, this.#remove);
    this.element = make('li', { class: 'session-row', 'data-testid': 'session', 'data-session-id': sessionId }, this.#link, this.#tools);
    this.#link.addEventListener('click', (event) => {
      if (isPlainClick(event)) {
        event.preventDefault();
        actions.open(sessionId);
      }
    });
    this.#link.addEventListener('keydown', (event) => {
      if (event.key === 'F2') {
        this.#edit();
      } else if (event.key === 'Delete') {
        actions.remove(sessionId);
      }
    });
    this.#rename.addEventListener('click', () => this.#edit());
    this.#remove.addEventListener('click', () => actions.remove(sessionId));
  }

  /** @param {import('../../sessions/session-list.js').SessionEntry} entry @param {boolean} current */
  update({ title, busy, state }, current) {
    const words = title || 'New chat';
    const shown = busy ? state ?? 'running' : 'idle';
    this.element.classList.toggle('session-row-current', current);
    this.#busy.hidden = !Object.hasOwn(STATE_WORDS, shown);
    this.#busy.dataset.state = shown;
    setText(this.#stateWords, STATE_WORDS[shown] ?? '');
    if (current) {
      this.#link.setAttribute('aria-current', 'page');
    } else {
      this.#link.removeAttribute('aria-current');
    }

    if (words !== this.#shown) {
      this.#shown = words;
      setText(this.#title, words);
      this.#link.title = words;
      this.#rename.setAttribute('aria-label', `Rename “${words}”`);
      this.#rename.title = 'Rename';
      this.#remove.setAttribute('aria-label', `Delete “${words}”`);
      this.#remove.title = 'Delete';
    }
  }

  focus() {
    this.#link.focus();
  }

  #edit() {
    if (this.#input) {
      return;
    }

    const input = make('input', {
      class: 'session-row-input',
      type: 'text',
      maxlength: String(LONGEST_TITLE),
      'aria-label': 'New title',
      'data-testid': 'session-title-input',
    });
    input.value = this.#shown;
    this.#input = input;
    this.element.classList.add('session-row-editing');
    this.element.prepend(input);
    input.select();
    input.focus();
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) {
        event.preventDefault();
        this.#endEdit(true, true);
      } else if (event.key === 'Escape') {
        event.stopPropagation();
        this.#endEdit(false, true);
      }
    });
    input.addEventListener('blur', () => this.#endEdit(true, false));
  }

  #endEdit(keep, backToLink) {
    const input = this.#input;
    if (!input) {
      return;
    }

    this.#input = null;
    const title = input.value.trim();
    this.element.classList.remove('session-row-editing');
    input.remove();
    if (backToLink) {
      this.#link.focus();
    }

    if (keep && title && title !== this.#shown) {
      this.#actions.rename(this.#id, title);
    }
  }
}

/** Whether a click means "go there", and not "in another tab" or "save". @param {MouseEvent} event */
export function isPlainClick(event) {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}
