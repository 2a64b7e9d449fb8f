import { writtenText } from '../composer/written-text.js';
import { button, make, setText } from '../elements/dom.js';
import { VersionSwitch } from './version-switch.js';

const MAX_HEIGHT_PX = 400;
// A message that is longer than this is cut until somebody wants all of it.
const LONG_CHARACTERS = 2_000;
const LONG_LINES = 24;
const SHOWN_CHARACTERS = 800;
const SHOWN_LINES = 14;

/** What a person said, and where it stands on its way. */
export class MessageView {
  #text = make('p', { class: 'said-text', dir: 'auto' });
  #status = make('span', { class: 'said-status', 'data-testid': 'message-status' });
  #actions = make('span', { class: 'said-actions' });
  #versions = new VersionSwitch();
  #shownActions = '';
  #editor = null;
  #message = '';
  #all = false;
  #more = button('Show all', () => this.#showAll(!this.#all),
    { class: 'link-button said-more', 'aria-expanded': 'false', hidden: '', 'data-testid': 'said-more' });

  constructor() {
    this.element = make('div', { class: 'said' }, make('h2', { class: 'visually-hidden' }, 'You said'), this.#text, this.#more,
      make('div', { class: 'said-line' }, this.#versions.element, this.#status, this.#actions));
  }

  /**
   * @param {string | undefined} message
   * @param {string} status in words
   * @param {{ label: string, testid: string, action: () => void }[]} [actions]
   */
  show(message, status, actions = []) {
    this.#text.hidden = message === undefined || this.#editor !== null;
    if (message !== this.#message) {
      this.#message = message ?? '';
      this.#showAll(this.#all);
    }

    setText(this.#status, status);
    this.setActions(actions);
  }

  /** It goes on paper. */
  beforePrint() {
    this.#showAll(true);
  }

  #showAll(all) {
    const cut = shortened(this.#message);
    this.#all = all;
    setText(this.#text, all ? this.#message : cut ?? this.#message);
    this.#more.hidden = cut === null || this.#editor !== null;
    setText(this.#more, all ? 'Show less' : 'Show all');
    this.#more.setAttribute('aria-expanded', String(all));
  }

  /** @param {{ label: string, testid: string, action: () => void }[]} actions */
  setActions(actions) {
    // Buttons are made anew only if they are others, or the focus would be lost.
    const wanted = actions.map(({ testid }) => testid).join();
    if (wanted !== this.#shownActions) {
      this.#shownActions = wanted;
      this.#actions.replaceChildren(...actions.map(({ label, testid, action }) =>
        button(label, action, { class: 'link-button', 'data-testid': testid })));
    }
  }

  /**
   * @param {{ version: number, versions: number, more: boolean } | null} place null: there is one version only
   * @param {(way: -1 | 1) => void} turn
   */
  showVersion(place, turn) {
    this.#versions.show(place, turn);
  }

  /** @param {-1 | 1} way */
  focusVersion(way) {
    this.#versions.focus(way);
  }

  /** @returns {string | null} what stands in the box while the text is being changed */
  get edited() {
    return this.#editor?.querySelector('textarea').value ?? null;
  }

  /** Lets the person change the text, in its place. @param {(text: string) => void} run @param {string} [text] what was changed already */
  edit(run, text) {
    if (this.#editor) {
      return;
    }

    const box = /** @type {HTMLTextAreaElement} */ (make('textarea',
      { class: 'said-edit', 'aria-label': 'Edit your message', 'data-testid': 'edit-box' }));
    box.value = text ?? this.#message;
    const close = () => {
      this.#editor.remove();
      this.#editor = null;
      this.#text.hidden = false;
      this.#showAll(this.#all);
      this.#actions.querySelector('button')?.focus();
    };
    const submit = () => {
      const changed = writtenText(box.value);
      if (changed !== '') {
        close();
        run(changed);
      }
    };
    const fit = () => {
      box.style.height = 'auto';
      box.style.height = `${Math.min(box.scrollHeight + 2, MAX_HEIGHT_PX)}px`;
    };
    box.addEventListener('input', fit);
    box.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        close();
      } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) {
        submit();
      }
    });
    this.#editor = make('form', { class: 'said-editor' }, box,
      make('div', { class: 'said-editor-row' },
        make('span', { class: 'said-editor-note' }, 'What came after it becomes an earlier version.'),
        button('Cancel', close),
        button('Run again', submit, { class: 'button button-small button-primary', 'data-testid': 'edit-run' })));
    this.#editor.addEventListener('submit', (event) => event.preventDefault());
    this.#text.hidden = true;
    this.#more.hidden = true;
    this.#text.after(this.#editor);
    fit();
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: 'nearest' });
  }
}

function shortened(message) {
  const lines = message.split('\n');
  if (message.length <= LONG_CHARACTERS && lines.length <= LONG_LINES) {
    return null;
  }

  return `${lines.slice(0, SHOWN_LINES).join('\n').slice(0, SHOWN_CHARACTERS).trimEnd()} …`;
}
