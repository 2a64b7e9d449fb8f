import { actionsOn } from './actions.js';
import { openStorage, openTabStorage } from './browser/storage.js';
import { listenToBrowser } from './navigation/browser-events.js';
import { listenToKeyboard } from './navigation/keyboard.js';
import { Navigation } from './navigation/navigation.js';
import { Places } from './navigation/places.js';
import { Router } from './navigation/router.js';
import { Page } from './page.js';
import { Api } from './sessions/api.js';
import { listUpdater } from './sessions/list-updates.js';
import { OpenSessions } from './sessions/open-sessions.js';
import { SessionList } from './sessions/session-list.js';
import { ChatSession } from './sessions/session.js';
import { Tabs } from './sessions/tabs.js';
import { ConfirmDialog } from './view/shell/confirm-dialog.js';

const part = (id) => document.getElementById(id);
const root = part('chat');

// What the browser keeps, and where the API is.
const storage = openStorage();
const tabStorage = openTabStorage();
const account = part('account');
const signedIn = account ? new (await import('./access/signed-in.js')).SignedIn(account, storage) : undefined;
const api = new Api(root.dataset.apiBase, signedIn);

// The sessions: the list of all, and those that are open here.
const tabs = new Tabs();
const list = new SessionList({ api });
const updateList = listUpdater({ list, tabs });
const sessions = new OpenSessions((sessionId) => new ChatSession({ sessionId, api, storage, onFrame: updateList }));

// What is seen, and what can be done there.
const router = new Router();
const confirm = new ConfirmDialog({ dialog: part('confirm'), text: part('confirm-text') });
const actions = actionsOn({ router, tabs, list, sessions, confirm });
const page = new Page({ root, storage, tabStorage, api, list, sessions, actions });
const navigation = new Navigation({ router, places: new Places(tabStorage), list, sessions, page });

// What happens around them.
list.listen(() => page.listChanged());
tabs.listen({ changed: () => list.poke(), deleted: (sessionId) => actions.forget(sessionId) });
listenToKeyboard({ page, router });
listenToBrowser({ list, sessions });

navigation.start();
list.load();
