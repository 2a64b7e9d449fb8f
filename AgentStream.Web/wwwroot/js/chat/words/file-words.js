/** Files as people read them. */

const UNITS = ['bytes', 'kB', 'MB', 'GB'];
const LONGEST_KIND = 5;

/** @param {number} bytes */
export function sizeWords(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }

  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** @param {{ name: string }} file @returns {string} what kind it is, by its ending */
export function kindWords({ name }) {
  const end = /\.([A-Za-z0-9]+)$/.exec(name)?.[1] ?? '';
  return end.length > 0 && end.length <= LONGEST_KIND ? end.toUpperCase() : 'FILE';
}

/**
 * Why a file can't be attached, before anything of it is sent.
 * @param {{ size: number, name: string }} file
 * @param {{ max_bytes: number, max_session_bytes: number, max_per_message: number }} limits
 * @param {{ count: number, bytes: number }} others what is attached already
 * @returns {string} empty: it can
 */
export function problemOf(file, limits, others) {
  if (limits.max_bytes === 0) {
    return 'Files can’t be attached here.';
  }

  if (file.size === 0) {
    return 'It is empty.';
  }

  if (file.size > limits.max_bytes) {
    return `It has ${sizeWords(file.size)}; ${sizeWords(limits.max_bytes)} are allowed.`;
  }

  if (others.count >= limits.max_per_message) {
    return `A message can have ${limits.max_per_message} files.`;
  }

  return others.bytes + file.size > limits.max_session_bytes
    ? `The files of a session can have ${sizeWords(limits.max_session_bytes)} together.`
    : '';
}
