/** The server's clock as far as this page knows it: deadlines are the server's, and computers' clocks differ by minutes. */

let aheadMs = 0;

/** @param {number | undefined} unixSeconds what the server's clock shows just now */
export function setServerTime(unixSeconds) {
  if (typeof unixSeconds === 'number') {
    aheadMs = unixSeconds * 1000 - Date.now();
  }
}

/** @returns {number} milliseconds */
export function serverNow() {
  return Date.now() + aheadMs;
}
