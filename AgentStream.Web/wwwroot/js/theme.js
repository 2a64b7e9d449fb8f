/*
 * Runs before the first paint, so that nobody sees the theme that they did not choose:
 * a script of its own that blocks, because the page's policy lets no inline script run and modules run late.
 * It is on every page; those that work without scripts have the browser's own theme then.
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

    // What phones colour their own bar with.
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
      meta.dataset.media ??= meta.media;
      meta.media = chosen ? (meta.dataset.media.includes(choice) ? 'all' : 'not all') : meta.dataset.media;
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

  // Another tab has chosen, or the switch of this page says so in the same way; `null` is a storage that was cleared.
  addEventListener('storage', (event) => {
    if (event.key === KEY || event.key === null) {
      apply(event.newValue);
    }
  });
})();
