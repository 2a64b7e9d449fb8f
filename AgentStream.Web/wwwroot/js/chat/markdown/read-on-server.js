// Without an answer the page formats by itself.
const SILENCE_MS = 15_000;

/**
 * Complete blocks of Markdown, read by the server's parser.
 * @param {string[]} blocks
 * @param {{ fetch: (address: URL, options: RequestInit) => Promise<Response> }} [access] asks as whoever looks
 * @returns {Promise<object>} what it answers
 */
export async function readOnServer(blocks, access = globalThis) {
  const response = await access.fetch(new URL('markdown', document.baseURI), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    credentials: 'same-origin',
    body: JSON.stringify({ blocks }),
    signal: AbortSignal.timeout(SILENCE_MS),
  });
  if (!response.ok) {
    throw new Error(`markdown answered ${response.status}`);
  }

  return response.json();
}
