const MOTION_MS = 180;
// What is longer is not watched while it opens, and would be laid out again and again.
const TALLEST_PX = 1_200;

/** @type {WeakMap<HTMLElement, Animation>} */
const moving = new WeakMap();

/**
 * Opens or closes something below what was clicked: in motion where people want that, and at once otherwise.
 * @param {HTMLElement} element
 * @param {boolean} open
 */
export function fold(element, open) {
  moving.get(element)?.cancel();
  const wasOpen = !element.hidden;
  element.hidden = false;
  const height = element.offsetHeight;
  const isStill = wasOpen === open || height === 0 || height > TALLEST_PX || matchMedia('(prefers-reduced-motion: reduce)').matches;
  if (isStill) {
    element.hidden = !open;
    return;
  }

  const closed = { height: '0px', opacity: 0, overflow: 'clip', marginBlock: '0px', paddingBlock: '0px' };
  const whole = { height: `${height}px`, opacity: 1, overflow: 'clip' };
  const animation = element.animate(open ? [closed, whole] : [whole, closed], { duration: MOTION_MS, easing: 'ease-out' });
  moving.set(element, animation);
  animation.addEventListener('finish', () => { element.hidden = !open; });
}
