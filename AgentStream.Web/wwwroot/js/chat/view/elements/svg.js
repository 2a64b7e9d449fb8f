const SVG = 'http://www.w3.org/2000/svg';

/**
 * Makes an element of a picture.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, String(value));
  }

  element.append(...children);
  return element;
}

/** @returns {string} the way around a box, for a path */
export function box(x, y, width, height) {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}
