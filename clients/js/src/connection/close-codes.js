/** What a close code of the server says about coming back. */

/**
 * @param {number} code
 * @returns {boolean} false where the same connection would only be refused again
 */
export function mayReconnect(code) {
  const refusedByPolicy = code === 1008;
  const ourFault = code >= 4400 && code <= 4499;
  return !refusedByPolicy && !ourFault;
}

export const MESSAGE_TOO_BIG = 1009;
export const NORMAL = 1000;
