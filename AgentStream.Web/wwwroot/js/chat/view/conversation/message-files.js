import { kindWords, sizeWords } from '../../words/file-words.js';
import { make } from '../elements/dom.js';
import { picture } from '../elements/picture.js';

/** @import { Attachment } from '../../../client/types.js' */
/** @import { SessionFiles } from '../../sessions/api.js' */

// Twice as many as are shown, for screens that are finer.
const THUMB_PX = 320;
const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

let observer = null;
/** @type {WeakMap<Element, () => void>} */
const wanted = new WeakMap();

/**
 * The files that came with a message: images small, all others by name. Pictures are painted and not linked to:
 * the page loads none from anywhere.
 * @param {Attachment[]} attachments
 * @param {SessionFiles | null} files null: they are not here (a session in a file)
 * @returns {HTMLElement}
 */
export function messageFiles(attachments, files) {
  return make('ul', { class: 'said-files', 'aria-label': 'Attached files', 'data-testid': 'message-files' },
    ...attachments.map((attachment) => make('li', {}, fileView(attachment, files))));
}

function fileView(attachment, files) {
  const { id, name, media_type: type, size } = attachment;
  const kind = make('span', { class: 'file-kind', 'aria-hidden': 'true' }, kindWords(attachment));
  const words = make('span', { class: 'file-words' },
    make('span', { class: 'file-name', title: name }, name), make('span', { class: 'file-size' }, sizeWords(size)));
  if (!files) {
    return make('span', { class: 'file' }, kind, words);
  }

  const link = make('a', {
    class: 'file', href: files.address(id), download: true, target: '_blank', rel: 'noopener', 'data-testid': 'message-file',
  }, kind, words);
  if (IMAGES.includes(type)) {
    whenNear(link, () => void showImage(link, name, () => files.get(id)));
  }

  return link;
}

function whenNear(element, action) {
  observer ??= new IntersectionObserver((entries) => {
    for (const { target } of entries.filter(({ isIntersecting }) => isIntersecting)) {
      observer.unobserve(target);
      wanted.get(target)();
    }
  }, { rootMargin: '100% 0px' });
  wanted.set(element, action);
  observer.observe(element);
}

async function showImage(link, name, load) {
  try {
    const canvas = await picture(await (await load()).blob(), THUMB_PX, { role: 'img', 'aria-label': name, title: name });
    link.classList.add('file-image');
    link.replaceChildren(canvas);
  } catch (error) {
    // It is shown by its name, as others are.
    console.warn(error);
  }
}
