/** How often the list is asked for when nothing says that it has changed: other people and other machines don't tell this page. */

const CALM_MS = 30_000;
// A run elsewhere is under way: its mark shall go soon after it has ended.
const BUSY_MS = 5_000;
const LONGEST_MS = 120_000;

/**
 * @param {{ visible: boolean, busyElsewhere: boolean, failures: number }} situation `failures`: answers that did not come, in a row
 * @returns {number | null} milliseconds; null: not at all, nobody looks
 */
export function nextRefreshMs({ visible, busyElsewhere, failures }) {
  if (!visible) {
    return null;
  }

  const pause = busyElsewhere ? BUSY_MS : CALM_MS;
  return Math.min(pause * 2 ** Math.min(failures, 10), LONGEST_MS);
}
