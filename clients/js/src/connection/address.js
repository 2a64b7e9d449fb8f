/** @import { Position } from '../types.js' */

/**
 * @param {string | URL} server the API's address, as pages and programs ask it (`http:` or `https:`)
 * @param {string} sessionId
 * @param {Position | null} [position] after which the log is wanted
 * @returns {string} the address of the session's socket
 */
export function socketAddress(server, sessionId, position) {
  const base = new URL(server);
  base.pathname = base.pathname.replace(/\/?$/, '/');
  const address = new URL(`ws/chat/${sessionId}`, base);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  if (position) {
    address.searchParams.set('after', String(position.lastSeq));
    if (position.epoch !== undefined) {
      address.searchParams.set('epoch', position.epoch);
    }
  }

  return address.href;
}
