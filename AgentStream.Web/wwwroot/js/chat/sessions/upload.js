/** @import { Attachment } from '../../client/types.js' */

/**
 * Sends a file to a session, and says how far it is. By the older way of browsers: `fetch` does not tell.
 * @param {{ address: URL, headers?: Record<string, string>, withCredentials?: boolean }} to
 * @param {File} file
 * @param {{ progress: (share: number) => void, signal: AbortSignal }} on
 * @returns {Promise<Attachment>}
 */
export function upload({ address, headers = {}, withCredentials = false }, file, { progress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address);
    request.responseType = 'json';
    request.withCredentials = withCredentials;
    for (const [name, value] of Object.entries({ ...headers, ...headersOf(file) })) {
      request.setRequestHeader(name, value);
    }

    request.upload.addEventListener('progress', ({ loaded, total }) => progress(total > 0 ? loaded / total : 0));
    request.addEventListener('load', () => {
      if (request.status === 201) {
        resolve(request.response);
      } else {
        reject(new Error(request.response?.detail ?? 'The server did not take it.'));
      }
    });
    request.addEventListener('error', () => reject(new Error('It could not be sent. Please try again when there is a connection.')));
    request.addEventListener('abort', () => reject(new DOMException('Removed', 'AbortError')));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function headersOf({ name, type }) {
  // RFC 8187 wants these escaped, too.
  const escaped = encodeURIComponent(name).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return { 'Content-Type': type || 'application/octet-stream', 'Content-Disposition': `attachment; filename*=UTF-8''${escaped}` };
}
