// Further from the window than this nobody scrolls between two frames.
const NEAR = '150% 0px';

let observer = null;

/**
 * Takes a part of a long text that is complete out of layout and paint once the reader is far from it,
 * and lets the browser bring it back where the reader comes near (`content-visibility`).
 * It stays on the page: what finds, selects, copies, prints, reads aloud or leads to a place finds it there.
 * @param {HTMLElement} part
 */
export function setAsideWhenFar(part) {
  observer ??= new IntersectionObserver(setAside, { rootMargin: NEAR });
  observer.observe(part);
}

/** @param {IntersectionObserverEntry[]} entries */
function setAside(entries) {
  const far = entries.filter(isFar);
  for (const { target, boundingClientRect: { height } } of far) {
    observer.unobserve(target);
    target.style.containIntrinsicBlockSize = `auto ${height}px`;
    // Boxes that were laid out once are kept, and gone through at each change of the page: they have to go, so there are none for a moment.
    target.style.display = 'none';
  }

  far.forEach(({ target }) => getComputedStyle(target).display);
  for (const { target } of far) {
    target.style.display = '';
    target.classList.add('is-aside');
  }
}

// What has no height is not shown at all (its run is folded, or another version is looked at); what has the focus would lose it.
function isFar({ target, isIntersecting, boundingClientRect }) {
  return !isIntersecting && boundingClientRect.height > 0 && !target.contains(document.activeElement);
}
