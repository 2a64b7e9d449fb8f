import { Links } from '../../sessions/links.js';
import { endsWords, madeWords } from '../../words/link-words.js';
import { copyButton, iconButton } from '../elements/copy.js';
import { button, make, setText } from '../elements/dom.js';

const DAY = 24 * 60 * 60;
const LIFETIMES = [['1 day', DAY], ['7 days', 7 * DAY], ['30 days', 30 * DAY], ['It does not end', 0]];
const USUAL = 7 * DAY;
const FAILED = 'That did not work. Please try again when there is a connection.';

/** The links to a session: its owner makes them, copies one when it is made, and revokes them. */
export class ShareDialog {
  #links;
  #sessionId = '';
  #dialog;
  #lifetime = /** @type {HTMLSelectElement} */ (make('select', { class: 'share-expiry', id: 'share-expiry', 'data-testid': 'share-expiry' },
    ...LIFETIMES.map(([words, seconds]) => make('option', { value: String(seconds), selected: seconds === USUAL }, words))));
  #address = /** @type {HTMLInputElement} */ (make('input',
    { class: 'share-address', type: 'text', readonly: true, 'aria-label': 'The link', 'data-testid': 'share-address' }));
  #made;
  #trouble = make('p', { class: 'share-trouble', role: 'alert', hidden: true, 'data-testid': 'share-trouble' });
  #list = make('ul', { class: 'share-links', 'data-testid': 'share-links' });
  #none = make('p', { class: 'share-none' }, 'None.');

  /** @param {import('../../sessions/api.js').Api} api */
  constructor(api) {
    this.#links = new Links(api);
    this.#address.addEventListener('focus', () => this.#address.select());
    this.#made = make('div', { class: 'share-made', role: 'status', hidden: true },
      make('p', {}, 'This is the link. It is shown this once: copy it now.'),
      make('div', { class: 'share-row' }, this.#address,
        copyButton('Copy', () => this.#address.value, { class: 'button button-primary', 'data-testid': 'share-copy' })));
    this.#dialog = /** @type {HTMLDialogElement} */ (make('dialog',
      { class: 'dialog dialog-wide', 'aria-labelledby': 'share-title', 'data-testid': 'share' },
      make('div', { class: 'dialog-head' }, make('h2', { id: 'share-title' }, 'Share this session'),
        iconButton('Close', 'close', () => this.#dialog.close())),
      make('p', {}, 'Whoever has a link sees all of this session, as it goes on, and nothing else of yours. Nobody can write with it.'),
      make('div', { class: 'share-row' },
        make('label', { for: 'share-expiry' }, 'Ends after'), this.#lifetime,
        button('Make a link', () => this.#add(), { class: 'button', 'data-testid': 'share-make' })),
      this.#made, this.#trouble,
      make('h3', {}, 'Links that hold'), this.#list, this.#none));
    document.body.append(this.#dialog);
  }

  /** @param {string} sessionId */
  open(sessionId) {
    this.#sessionId = sessionId;
    this.#made.hidden = true;
    this.#address.value = '';
    this.#show([]);
    this.#dialog.showModal();
    return this.#try(() => this.#load());
  }

  #add() {
    return this.#try(async () => {
      const made = await this.#links.add(this.#sessionId, Number(this.#lifetime.value));
      if (made) {
        this.#address.value = new URL(`shared/${made.session_id}#${made.secret}`, document.baseURI).href;
        this.#made.hidden = false;
      }

      await this.#load();
      if (!made) {
        this.#say('There are as many links as a session may have: revoke one that nobody needs any more.');
      }
    });
  }

  #revoke(linkId) {
    return this.#try(async () => {
      await this.#links.revoke(this.#sessionId, linkId);
      await this.#load();
    });
  }

  async #load() {
    const sessionId = this.#sessionId;
    const links = await this.#links.of(sessionId);
    // Meanwhile another session may have been opened.
    if (sessionId === this.#sessionId) {
      this.#show(links);
    }
  }

  #show(links) {
    this.#none.hidden = links.length > 0;
    this.#list.replaceChildren(...links.map((link) => make('li', { 'data-testid': 'share-link' },
      make('span', {}, `${madeWords(link)} · ${endsWords(link)}`),
      button('Revoke', () => this.#revoke(link.link_id),
        { 'aria-label': `Revoke the link: ${madeWords(link)}`, 'data-testid': 'share-revoke' }))));
  }

  async #try(what) {
    this.#say('');
    try {
      await what();
    } catch (error) {
      console.warn(error);
      this.#say(FAILED);
    }
  }

  #say(words) {
    this.#trouble.hidden = words === '';
    setText(this.#trouble, words);
  }
}
