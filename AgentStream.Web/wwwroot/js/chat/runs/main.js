import { openStorage } from '../browser/storage.js';
import { Api } from '../sessions/api.js';
import { Tabs } from '../sessions/tabs.js';
import { Board } from './board.js';
import { RunsPage } from './runs-page.js';

const root = document.getElementById('chat');
const storage = openStorage();
const account = document.getElementById('account');
const signedIn = account ? new (await import('../access/signed-in.js')).SignedIn(account, storage) : undefined;
const api = new Api(root.dataset.apiBase, signedIn);
const board = new Board({ api });
const page = new RunsPage({ root, api, board });

// What is looked at is kept up to date; a hidden tab asks nothing.
document.addEventListener('visibilitychange', () => board.look(!document.hidden));
globalThis.addEventListener('online', () => board.refresh());
new Tabs().listen({ changed: () => board.poke(), deleted: () => board.poke() });
page.start();
board.look(!document.hidden);
if (root.dataset.scopes.split(' ').includes('admin')) {
  const [{ Workers }] = await Promise.all([
    import('./workers.js'), import('../browser/style.js').then(({ loadStyle }) => loadStyle('css/runs/workers.css')),
  ]);
  new Workers({ part: document.getElementById('workers-part'), list: document.getElementById('workers'), api, board }).start();
}
