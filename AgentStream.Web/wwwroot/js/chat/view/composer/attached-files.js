import { upload } from '../../sessions/upload.js';
import { kindWords, problemOf, sizeWords } from '../../words/file-words.js';
import { iconButton } from '../elements/copy.js';
import { make, setText } from '../elements/dom.js';
import { picture } from '../elements/picture.js';

/** @import { Attachment } from '../../../client/types.js' */
/** @import { Api } from '../../sessions/api.js' */

const THUMB_PX = 72;

/**
 * A file that is to come with a message.
 * @typedef {object} Item
 * @property {{ name: string, size: number }} file
 * @property {'sending' | 'ready' | 'failed'} status
 * @property {Attachment} [attachment] once the server has it
 * @property {AbortController} [sending]
 * @property {boolean} isChecked it is within the limits
 * @property {HTMLElement} element
 */

/** The files that are to come with the next message of each session: shown above the message box, sent at once, and removed at will. */
export class AttachedFiles {
  #list;
  #api;
  #say;
  #focus;
  #limits = null;
  #sessionId = '';
  /** @type {Map<string, Item[]>} */
  #items = new Map();
  /** What the server has of what was attached on this page, by id. @type {Map<string, Attachment>} */
  #known = new Map();

  onChange = () => {};

  /**
   * @param {HTMLElement} list
   * @param {{ api: Api, say: (words: string) => void, focus: () => void }} around
   */
  constructor(list, { api, say, focus }) {
    this.#list = list;
    this.#api = api;
    this.#say = say;
    this.#focus = focus;
  }

  /** @param {string} sessionId */
  enter(sessionId) {
    this.#sessionId = sessionId;
    this.#show();
  }

  /** @param {string} sessionId */
  isBusy(sessionId) {
    return this.#of(sessionId).some(({ status }) => status === 'sending');
  }

  /** @param {string} sessionId @returns {string[]} */
  idsOf(sessionId) {
    return this.#of(sessionId).flatMap(({ attachment }) => attachment?.id ?? []);
  }

  /** @param {string} sessionId @returns {string[]} */
  take(sessionId) {
    const ids = this.idsOf(sessionId);
    this.#items.delete(sessionId);
    this.#changed();
    return ids;
  }

  /** @param {string} sessionId @param {string[]} ids */
  putBack(sessionId, ids) {
    for (const attachment of ids.map((id) => this.#known.get(id)).filter(Boolean)) {
      const item = this.#itemFor(sessionId, attachment);
      this.#become(item, 'ready');
      item.attachment = attachment;
    }

    this.#changed();
  }

  /** @param {string} sessionId @param {File[]} files */
  async add(sessionId, files) {
    this.#limits ??= this.#api.attachmentLimits().catch((error) => {
      this.#limits = null;
      throw error;
    });
    const items = files.map((file) => this.#itemFor(sessionId, file));
    this.#changed();
    let limits;
    try {
      limits = await this.#limits;
    } catch {
      items.forEach((item) => this.#fail(item, 'It could not be sent. Please try again when there is a connection.'));
      return;
    }

    await Promise.all(items.map((item, index) => this.#check(sessionId, item, files[index], limits)));
  }

  async #check(sessionId, item, file, limits) {
    const others = this.#of(sessionId).filter((other) => other !== item && other.status !== 'failed' && other.isChecked);
    const problem = problemOf(file, limits, { count: others.length, bytes: others.reduce((sum, other) => sum + other.file.size, 0) });
    if (problem) {
      this.#fail(item, problem);
      return;
    }

    item.isChecked = true;
    if (limits.images.includes(file.type)) {
      void showThumbnail(item.element.querySelector('.file-kind'), file);
    }

    await this.#send(sessionId, item, file);
  }

  async #send(sessionId, item, file) {
    const sending = item.sending = new AbortController();
    const bar = item.element.querySelector('progress');
    try {
      const to = await this.#api.uploadTo(sessionId);
      item.attachment = await upload(to, file, { progress: (share) => { bar.value = share; }, signal: sending.signal });
      this.#known.set(item.attachment.id, item.attachment);
      this.#become(item, 'ready');
      this.#say(`${file.name} is attached`);
      this.#changed();
    } catch (error) {
      if (error.name !== 'AbortError') {
        this.#fail(item, error.message);
      }
    }
  }

  #fail(item, reason) {
    this.#become(item, 'failed');
    setText(item.element.querySelector('.file-size'), reason);
    this.#say(`${item.file.name} can’t be attached. ${reason}`);
    this.#changed();
  }

  #become(item, status) {
    item.status = status;
    item.element.dataset.status = status;
    item.element.querySelector('progress').hidden = status !== 'sending';
  }

  #itemFor(sessionId, file) {
    const item = { file, status: 'sending', isChecked: false, element: null };
    item.element = make('li', { class: 'file file-attached', 'data-status': 'sending', 'data-testid': 'attached-file' },
      make('span', { class: 'file-kind', 'aria-hidden': 'true' }, kindWords(file)),
      make('span', { class: 'file-words' },
        make('span', { class: 'file-name', title: file.name }, file.name),
        make('span', { class: 'file-size' }, sizeWords(file.size))),
      make('progress', { max: '1', value: '0', 'aria-label': `Sending ${file.name}` }),
      iconButton(`Remove ${file.name}`, 'close', () => this.#remove(sessionId, item), { 'data-testid': 'attached-remove' }));
    this.#items.set(sessionId, [...this.#of(sessionId), item]);
    return item;
  }

  #remove(sessionId, item) {
    const items = this.#of(sessionId);
    const place = items.indexOf(item);
    item.sending?.abort();
    if (item.attachment) {
      // What stays of it goes by itself after a while.
      this.#api.removeAttachment(sessionId, item.attachment.id).catch((error) => console.warn(error));
    }

    this.#items.set(sessionId, items.filter((other) => other !== item));
    this.#say(`${item.file.name} is removed`);
    this.#changed();
    const next = this.#of(sessionId)[Math.min(place, items.length - 2)];
    if (next) {
      next.element.querySelector('button').focus();
    } else {
      this.#focus();
    }
  }

  #of(sessionId) {
    return this.#items.get(sessionId) ?? [];
  }

  #changed() {
    this.#show();
    this.onChange();
  }

  #show() {
    const elements = this.#of(this.#sessionId).map(({ element }) => element);
    if (elements.length !== this.#list.children.length || elements.some((element, index) => element !== this.#list.children[index])) {
      this.#list.replaceChildren(...elements);
    }

    this.#list.hidden = elements.length === 0;
  }
}

async function showThumbnail(place, file) {
  try {
    place.replaceChildren(await picture(file, THUMB_PX));
  } catch (error) {
    // It is shown by its name, as others are.
    console.warn(error);
  }
}
