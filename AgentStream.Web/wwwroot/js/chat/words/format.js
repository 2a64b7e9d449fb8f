/** Figures and values as people read them. */

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }

  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(1)} s`;
  }

  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A whole number with its thousands apart. Not by `toLocaleString`: its first call takes longer than a frame. @param {number} count */
export function grouped(count) {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** @param {number} count @param {string} one @param {string} many */
export function counted(count, one, many) {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** @param {unknown} value an object, or text that may be JSON @returns {string} */
export function pretty(value) {
  if (typeof value !== 'string') {
    return JSON.stringify(value, null, 2);
  }

  const looksLikeJson = /^\s*[[{]/.test(value);
  if (!looksLikeJson) {
    return value;
  }

  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

/** @param {import('../../client/types.js').Usage} usage */
export function tokens(usage) {
  const about = usage.estimated ? 'about ' : '';
  return `${about}${counted(usage.input_tokens ?? 0, 'token', 'tokens')} in, ${grouped(usage.output_tokens ?? 0)} out`;
}

let money = null;

/**
 * What something has cost. How money is written comes when there is some.
 * @param {number | undefined} cost
 * @param {() => void} [again] called once money can be written
 * @returns {string} empty where nothing has a price, and until then
 */
export function costWords(cost, again) {
  if (cost > 0 && !money) {
    import('./money.js').then((loaded) => {
      ({ money } = loaded);
      again?.();
    }, (error) => console.warn(error));
  }

  return money?.(cost) ?? '';
}
