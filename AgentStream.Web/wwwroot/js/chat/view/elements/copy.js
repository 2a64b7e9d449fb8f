import { button, make } from './dom.js';
import { icon } from './icon.js';

const SAID_MS = 2_000;

/**
 * Puts a text on the clipboard. Where the page may not (no secure context), the browser's older way does it.
 * @param {string} text @returns {Promise<boolean>}
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = document.createElement('textarea');
    box.value = text;
    box.className = 'visually-hidden';
    const focused = document.activeElement;
    document.body.append(box);
    box.select();
    const copied = document.execCommand('copy');
    box.remove();
    focused?.focus?.();
    return copied;
  }
}

/**
 * A button that copies, and says that it did.
 * @param {string} label
 * @param {() => string | null | Promise<string | null>} text null: it is not available now
 * @param {Record<string, string>} [attributes]
 */
export function copyButton(label, text, attributes = {}) {
  const element = button(label, () => copyAndSay(element, label, text()), { class: 'link-button copy-button', ...attributes });
  return element;
}

/**
 * A button with nothing but a sign.
 * @param {string} label
 * @param {Parameters<typeof icon>[0]} sign
 * @param {() => void} action
 * @param {Record<string, string>} [attributes]
 */
export function iconButton(label, sign, action, attributes = {}) {
  const element = make('button',
    { type: 'button', class: 'icon-button icon-button-small', 'aria-label': label, title: label, ...attributes }, icon(sign));
  element.addEventListener('click', action);
  return element;
}

/**
 * @param {string} label
 * @param {() => string} text
 * @param {Record<string, string>} [attributes]
 */
export function copyIconButton(label, text, attributes = {}) {
  const element = iconButton(label, 'copy', async () => {
    const copied = await copyText(text());
    element.replaceChildren(icon(copied ? 'check' : 'close'));
    element.dispatchEvent(new CustomEvent('announce', { bubbles: true, detail: copied ? 'Copied' : 'Could not copy' }));
    setTimeout(() => element.replaceChildren(icon('copy')), SAID_MS);
  }, attributes);
  return element;
}

/**
 * @param {HTMLElement} element what was clicked
 * @param {string} label what it says otherwise
 * @param {string | null | Promise<string | null>} text
 */
export async function copyAndSay(element, label, text) {
  const wanted = await text;
  element.textContent = wanted !== null && await copyText(wanted) ? 'Copied' : 'Could not copy';
  setTimeout(() => { element.textContent = label; }, SAID_MS);
}
