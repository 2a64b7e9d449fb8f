import { SharedLink, takeSecret } from '../access/shared-link.js';
import { openStorage, openTabStorage } from '../browser/storage.js';
import { listenToBrowser } from '../navigation/browser-events.js';
import { Api } from '../sessions/api.js';
import { ChatSession } from '../sessions/session.js';
import { SharedPage } from './page.js';

const root = document.getElementById('chat');
const secret = takeSecret(window);
const link = secret === null ? null : new SharedLink(secret);
const page = new SharedPage({ root, storage: openStorage(), tabStorage: openTabStorage(), link });
if (link === null) {
  page.showOver();
} else {
  link.fetchDownloads();
  const api = new Api(root.dataset.apiBase, link);
  // Without a storage: what somebody wrote to a session of their own is not sent over a link.
  const session = new ChatSession({ sessionId: root.dataset.sessionId, api, storage: null, onFrame: () => {} });
  page.enter(session, api);
  listenToBrowser({ list: { poke() {} }, sessions: { current: session } });
  window.addEventListener('hashchange', () => {
    if (takeSecret(window) === null) {
      // The reader went to a step: that is an entry of the history of its own.
      window.history.replaceState({ link: secret }, '');
    } else if (window.history.state.link !== secret) {
      // Another link to the same session.
      window.location.reload();
    }
  });
}
