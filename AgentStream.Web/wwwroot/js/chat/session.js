import { newId } from './ids.js';

/**
 * The session that the address names, or a new one, put into the address at once: so a refresh comes back to it, and a link leads to it.
 * @param {string | undefined} fromAddress
 * @returns {string}
 */
export function resolveSession(fromAddress) {
  if (fromAddress) {
    return fromAddress;
  }

  const sessionId = newId();
  history.replaceState(null, '', new URL(`chat/${sessionId}`, document.baseURI));
  return sessionId;
}
