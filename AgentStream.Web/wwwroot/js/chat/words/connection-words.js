/** @import { ConnectionState } from '../../client/types.js' */

/**
 * How the connection is, in the words of the person in front of it.
 * @param {ConnectionState} connection
 * @param {{ now: number, online: boolean }} surroundings `online`: what the browser believes
 * @returns {string}
 */
export function connectionWords(connection, { now, online }) {
  switch (connection.status) {
    case 'connecting': return 'Connecting';
    case 'connected': return connection.missing ? 'Catching up' : connection.caughtUp === undefined ? 'Connected' : 'Caught up';
    case 'doubtful': return online ? 'Checking the connection' : 'Offline? Checking';
    case 'disconnected': return 'Disconnected by you';
    case 'refused': return refusal(connection);
    default: {
      const seconds = Math.max(0, Math.ceil((connection.retryAt - now) / 1000));
      const what = online ? 'Reconnecting' : 'Offline, trying again';
      return seconds > 0 ? `${what} in ${seconds} s` : what;
    }
  }
}

/**
 * What is told once per change, to people who can't see it: without the seconds.
 * @param {ConnectionState} connection
 * @param {{ online: boolean }} surroundings
 * @returns {string} empty where there is nothing to tell
 */
export function connectionAnnouncement(connection, { online }) {
  switch (connection.status) {
    case 'connected': return connection.missing ? 'Connected again, catching up' : connection.caughtUp === undefined
      ? 'Connected'
      : 'Connected again, caught up';
    case 'disconnected': return 'Disconnected by you';
    case 'refused': return refusal(connection);
    case 'reconnecting': return online ? 'Connection lost, reconnecting' : 'Offline. What you send waits';
    default: return '';
  }
}

function refusal({ code, reason }) {
  return { 4401: 'Signed out', 4404: 'Nothing is here', 4410: 'This link is over' }[code]
    ?? `Refused by the server${reason ? `: ${reason}` : code ? ` (${code})` : ''}`;
}
