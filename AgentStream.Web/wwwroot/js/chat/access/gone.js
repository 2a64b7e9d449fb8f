const SILENCE_MS = 15_000;

/**
 * @param {{ fetch: (address: URL, options: RequestInit) => Promise<Response> }} access asks the API as whoever looks
 * @param {string} socket the address of a session's socket
 * @returns {Promise<boolean>} whether there is no such session for whoever asks; false where nobody can say
 */
export async function isGone(access, socket) {
  const address = new URL(socket);
  address.protocol = address.protocol.replace('ws', 'http');
  address.pathname = address.pathname.replace(/\/ws\/chat\/(?=[^/]+$)/, '/api/sessions/');
  address.search = '';
  try {
    return (await access.fetch(address, { signal: AbortSignal.timeout(SILENCE_MS) })).status === 404;
  } catch {
    return false;
  }
}
