import { shortcutOf } from './shortcuts.js';

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
    help: () => page.help.show(),
  };
  document.addEventListener('keydown', (event) => {
    const name = shortcutOf(event);
    // While a dialog asks something, the page below it rests.
    if (name && !document.querySelector('dialog:modal')) {
      event.preventDefault();
      doers[name]();
    }
  });
}
