import { shortcutOf } from './shortcuts.js';

// What is open, or being written elsewhere, has Escape for itself.
const TAKES_ESCAPE = 'dialog:modal, :popover-open, .session-menu[open], .sidebar-open';

function isFree({ target, shiftKey, isComposing, defaultPrevented }) {
  return !shiftKey && !isComposing && !defaultPrevented && !document.querySelector(TAKES_ESCAPE)
    && (target.id === 'message' || !target.closest('input, textarea, select'));
}

// A letter alone: only while the trace is open, and where nothing is written.
function stepKey({ key, target, ctrlKey, metaKey, altKey, shiftKey, isComposing }) {
  return ctrlKey || metaKey || altKey || shiftKey || isComposing || target.closest('input, textarea, select, dialog')
    ? 0
    : { j: 1, k: -1 }[key] ?? 0;
}

/**
 * Does what the page's keyboard shortcuts ask for.
 * @param {{ page: import('../page.js').Page, router: import('./router.js').Router }} on
 */
export function listenToKeyboard({ page, router }) {
  const goBeside = (step) => {
    const sessionId = page.sidebar.beside(step);
    if (sessionId) {
      router.open(sessionId);
    }
  };
  const doers = {
    new: () => page.openNew(),
    search() {
      page.drawer.open();
      page.sidebar.focusSearch();
    },
    sidebar: () => page.drawer.toggle(),
    next: () => goBeside(1),
    previous: () => goBeside(-1),
    write: () => page.composer.focus(),
    stop: () => page.composer.stop(),
    help: () => page.showHelp(),
  };
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isFree(event)) {
      if (page.trace?.isTravelling) {
        page.trace.leaveTravel();
      } else {
        page.composer.stop();
      }

      return;
    }

    const way = stepKey(event);
    if (way !== 0 && page.trace?.isOpen) {
      event.preventDefault();
      page.trace.goBeside(way);
      return;
    }

    const name = shortcutOf(event);
    // While a dialog asks something, the page below it rests.
    if (name && !document.querySelector('dialog:modal')) {
      event.preventDefault();
      doers[name]();
    }
  });
}
