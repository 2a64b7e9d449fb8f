import { shortcutOf } from './shortcuts.js';

// What is open, or being written elsewhere, has Escape for itself.
const TAKES_ESCAPE = 'dialog:modal, :popover-open, .session-menu[open], .sidebar-open';

function isFree({ target, shiftKey, isComposing, defaultPrevented }) {
  return !shiftKey && !isComposing && !defaultPrevented && !document.querySelector(TAKES_ESCAPE)
    && (target.id === 'message' || !target.closest('input, textarea, select'));
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
      page.composer.stop();
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
