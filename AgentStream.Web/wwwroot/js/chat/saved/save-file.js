import { bundle } from './bundle.js';
import { documentOf } from './document.js';

const PAGE = 200;
const STYLES = [
  'theme', 'base', 'chat/shell/layout', 'chat/shell/shared', 'chat/shell/trace', 'chat/conversation/conversation',
  'chat/conversation/steps', 'chat/conversation/step-kinds', 'chat/conversation/calls', 'chat/conversation/data',
  'chat/conversation/markdown', 'chat/conversation/run', 'chat/conversation/waterfall', 'chat/conversation/replay',
  'chat/conversation/approvals', 'chat/conversation/cards',
];

/**
 * The session, as far as it is now, as one file that plays without any request.
 * @param {import('../sessions/api.js').Api} api
 * @param {string} sessionId
 * @param {number} now Unix seconds
 * @returns {Promise<{ name: string, html: string }>}
 */
export async function savedFile(api, sessionId, now) {
  const own = (path) => new URL(path, document.baseURI).href;
  const [session, script, sign, ...styles] = await Promise.all([
    wholeSession(api, sessionId),
    bundle(own('js/chat/saved/main.js'), text),
    text(own('favicon.svg')),
    ...STYLES.map((name) => text(own(`css/${name}.css`))),
  ]);
  const title = session.title || session.messages[0]?.message.slice(0, 80) || 'Session';
  const html = await documentOf({ title, session: { ...session, saved_at: now, currency: document.getElementById('chat').dataset.currency },
    script, style: styles.join('\n'), sign });
  return { name: `${title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 60) || 'session'}.html`, html };
}

/** Gives the browser a file to keep. @param {{ name: string, html: string }} file */
export function keep({ name, html }) {
  const address = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by then, or is asking where to.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// The newest page says how the session stands; the older ones are asked for until there are no more.
async function wholeSession(api, sessionId) {
  const read = async (before) => (await api.ask(
    `api/sessions/${sessionId}?limit=${PAGE}${before ? `&before=${before}` : ''}`, { headers: { Accept: 'application/json' } })).json();
  const newest = await read();
  let page = newest;
  const messages = [...newest.messages];
  while (page.has_more && messages.length > 0) {
    page = await read(messages[0].seq);
    messages.unshift(...page.messages);
  }

  return { ...newest, messages, has_more: false };
}

async function text(address) {
  // As the page itself loads it, from the browser's cache.
  const response = await fetch(import.meta.resolve(address), { signal: AbortSignal.timeout(15_000) });
  if (!response.ok) {
    throw new Error(`${address} answered ${response.status}`);
  }

  return response.text();
}
