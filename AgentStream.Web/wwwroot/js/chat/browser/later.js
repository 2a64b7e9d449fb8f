// By then the page has what it needs to be read and written to.
const LATER_MS = 5_000;

/**
 * A module that the first load does without. It comes when it is wanted, or some time after the first load,
 * so that it is there without a connection, too.
 * @template T
 * @param {() => Promise<T>} load
 * @returns {() => Promise<T>}
 */
export function later(load) {
  let loading = null;
  const get = () => {
    loading ??= load().catch((error) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  if (globalThis.document) {
    setTimeout(() => get().catch((error) => console.warn(error)), LATER_MS);
  }

  return get;
}
