const GAP_PX = 8;
const EDGE_PX = 16;

/**
 * Puts what opens above what it belongs to, as far right as there is room.
 * @param {HTMLElement} popover
 * @param {{ over: HTMLElement, beside: HTMLElement }} place `over`: above this it opens; `beside`: with this it begins
 */
export function openAbove(popover, { over, beside }) {
  popover.addEventListener('toggle', ({ newState }) => {
    if (newState === 'open') {
      const top = over.getBoundingClientRect().top;
      const left = beside.getBoundingClientRect().left;
      popover.style.inset = 'auto';
      popover.style.left = `${Math.max(Math.min(left, innerWidth - popover.offsetWidth - EDGE_PX), EDGE_PX)}px`;
      popover.style.bottom = `${innerHeight - top + GAP_PX}px`;
      popover.style.maxHeight = `${Math.max(top - GAP_PX - EDGE_PX, 0)}px`;
    }
  });
}
