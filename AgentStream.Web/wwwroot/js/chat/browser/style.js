const loading = new Map();

/**
 * A style that the first load does without.
 * @param {string} path below the page's own address
 * @returns {Promise<void>} once it holds, or can't be had
 */
export function loadStyle(path) {
  if (!loading.has(path)) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL(path, document.baseURI).href;
    loading.set(path, new Promise((resolve) => {
      link.addEventListener('load', () => resolve());
      link.addEventListener('error', () => {
        loading.delete(path);
        resolve();
      });
    }));
    document.head.append(link);
  }

  return loading.get(path);
}
