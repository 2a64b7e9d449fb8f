/** The pause before an attempt: exponential, full jitter, so that clients of a restarted server don't come back as a herd. */

const BASE_MS = 500;
const CAP_MS = 12_000;
// No pause at all would be a busy loop against a server that refuses at once.
const FLOOR_MS = 50;

/**
 * @param {number} attempt from 0
 * @param {() => number} random from 0 to 1
 * @returns {number} milliseconds
 */
export function pauseBefore(attempt, random) {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 30));
  return Math.max(FLOOR_MS, Math.round(random() * ceiling));
}
