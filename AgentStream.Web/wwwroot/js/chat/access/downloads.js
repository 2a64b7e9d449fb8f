/**
 * Fetches files for links to them: the browser would ask for them as nobody.
 * @param {{ fetch: (address: URL, options: RequestInit) => Promise<Response> }} access asks the API as whoever looks
 */
export function fetchDownloads(access) {
  document.addEventListener('click', (event) => void download(event, access));
}

async function download(event, access) {
  const link = event.target.closest?.('a[download]');
  if (!link || link.protocol === 'blob:') {
    return;
  }

  event.preventDefault();
  const response = await access.fetch(new URL(link.href), {});
  if (response.ok) {
    const name = /filename="?([^";]+)/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? 'session';
    const file = document.createElement('a');
    file.href = URL.createObjectURL(await response.blob());
    file.download = name;
    file.click();
    URL.revokeObjectURL(file.href);
  }
}
