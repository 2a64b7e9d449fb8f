const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * The text of the file. What people and models said stands in it as data alone, in which nothing can end the element;
 * the policy lets run and hold exactly the script and the style that are in it, and lets nothing be asked for.
 * @param {{ title: string, session: object, script: string, style: string, sign: string }} parts
 * @returns {Promise<string>}
 */
export async function documentOf({ title, session, script, style, sign }) {
  const policy = [
    "default-src 'none'", `script-src '${await hash(script)}'`, `style-src '${await hash(style)}'`, 'img-src data:', "base-uri 'none'",
    "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(sign)}">
<style>${style}</style>
</head>
<body>
<div class="chat chat-shared" id="chat" data-currency="${escaped(session.currency ?? '')}">
  <div class="pane" id="pane">
    <header class="top">
      <h1 class="top-title" id="session-title">${escaped(title)}</h1>
      <button class="icon-button" id="look" type="button" data-icon="cards" aria-pressed="false" aria-label="Steps as cards"
        title="Show each step as a card"></button>
      <div class="trace-strip" id="trace-strip" hidden data-testid="trace-strip"></div>
    </header>
    <main class="column">
      <ol class="conversation" id="conversation" aria-label="Conversation"></ol>
    </main>
    <footer class="shared-foot">
      <button class="button jump" id="jump" type="button" hidden>↓ Jump to latest</button>
      <p class="shared-note" id="saved-note" data-testid="saved-note"></p>
    </footer>
  </div>
  <aside class="trace-pane" id="trace-pane" aria-label="Trace" hidden data-testid="trace-pane"></aside>
  <div class="visually-hidden" id="announcements" role="status" aria-live="polite"></div>
</div>
<script type="application/json" id="session">${dataOf(session)}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** @param {object} value @returns {string} JSON that is text wherever it stands in a document */
export function dataOf(value) {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (one) => ENTITIES[one]);
}

async function hash(text) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}
