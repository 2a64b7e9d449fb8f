/**
 * Makes an element. Text is always text: nothing here, or anywhere on this page, makes HTML of strings.
 * @param {string} tag
 * @param {Record<string, string | boolean | undefined>} [attributes] undefined and false are left out
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }

  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** @param {string} label @param {() => void} action @param {Record<string, string>} [attributes] */
export function button(label, action, attributes = {}) {
  const element = make('button', { type: 'button', class: 'button button-small', ...attributes }, label);
  element.addEventListener('click', action);
  return element;
}

/**
 * Writes only what differs: a live region must not speak twice, a selection must not be lost.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
