// Further from the window than this nobody scrolls between two frames.
const NEAR = '150% 0px';

let observer = null;

/**
 * Takes a part of a long text that is complete out of layout and paint once the reader is far from it, and lets the browser bring it back where the reader
 * comes near (`content-visibility`). It stays on the page: what finds, selects, copies, prints, reads aloud or leads to a place finds it there.
 * @param {HTMLElement} part
 */
export function setAsideWhenFar(part) {
  observer ??= new IntersectionObserver(setAside, { rootMargin: NEAR });
  observer.observe(part);
}

/** @param {IntersectionObserverEntry[]} entries */
function setAside(entries) {
  const far = entries.filter(({ isIntersecting, target }) => !isIntersecting && target.isConnected);
  for (const { target, boundingClientRect: { height } } of far) {
    observer.unobserve(target);
    // What is not laid out at this moment (its run is folded, or another version is looked at) has no height to keep.
    if (height > 0) {
      target.style.containIntrinsicBlockSize = `auto ${height}px`;
    }

    // A box that was laid out once is kept, and gone through at each change of the page: it has to go.
    target.style.display = 'none';
  }

  for (const { target } of far) {
    void getComputedStyle(target).display;
    target.style.display = '';
    target.classList.add('is-aside');
  }
}
