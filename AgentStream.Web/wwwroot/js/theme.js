/*
 * Runs before the first paint, so that nobody sees the theme that they did not choose: a script of its own that blocks, because the page's
 * policy lets no inline script run and modules run late. The classic page has no script at all: there the browser's own theme holds.
 */
(() => {
  const KEY = 'agentstream.preference.theme';
  const SIDEBAR_KEY = 'agentstream.preference.sidebar';

  function apply(choice) {
    const chosen = choice === 'light' || choice === 'dark';
    if (chosen) {
      document.documentElement.dataset.theme = choice;
    } else {
      delete document.documentElement.dataset.theme;
    }
  }

  try {
    apply(localStorage.getItem(KEY));
    // Neither shall a sidebar flash by that was folded away.
    if (localStorage.getItem(SIDEBAR_KEY) === 'closed') {
      document.documentElement.dataset.sidebar = 'closed';
    }
  } catch {
    // The browser's storage is switched off: then its own theme holds.
    return;
  }

  // Another tab has chosen; `null` is a storage that was cleared.
  addEventListener('storage', (event) => {
    if (event.key === KEY || event.key === null) {
      apply(event.newValue);
    }
  });
})();
