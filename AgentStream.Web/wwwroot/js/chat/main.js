import { Api } from './api.js';
import { OpenSessions } from './open-sessions.js';
import { Places } from './places.js';
import { Router } from './router.js';
import { ChatSession } from './session.js';
import { SessionList } from './sessions/session-list.js';
import { Tabs } from './sessions/tabs.js';
import { shortcutOf } from './shortcuts.js';
import { openStorage, openTabStorage } from './storage.js';
import { ChangeSet } from './store.js';
import { View } from './view.js';

/** @import { Frame } from './types.js' */

const root = document.getElementById('chat');
const storage = openStorage();
const tabStorage = openTabStorage();
const api = new Api(root.dataset.apiBase);

const sessions = new SessionList({
  api,
  onChange: () => {
    view.sidebar.render();
    showTitle();
  },
});

const tabs = new Tabs(({ type, sessionId }) => {
  if (type === 'deleted') {
    forget(sessionId);
  } else {
    sessions.poke();
  }
});

const open = new OpenSessions((sessionId) => new ChatSession({
  sessionId,
  api,
  storage,
  handlers: {
    onRender: (state, changes) => {
      view.render(state, changes);
      showTitle();
    },
    onConnection: (connection, state) => {
      view.showConnection(connection, state);
      if (connection.status === 'connected') {
        view.agents.load();
      }
    },
    onFrame: listen,
  },
}));

const current = () => open.current;

const view = new View({
  root,
  storage,
  tabStorage,
  api,
  sessions,
  current,
  actions: {
    open: (sessionId) => router.open(sessionId),
    openNew,
    addressOf: (sessionId) => router.addressOf(sessionId),
    rename: async (sessionId, title) => {
      if (await sessions.rename(sessionId, title)) {
        tabs.tell({ type: 'changed' });
      } else {
        current().notify('rename', 'The session could not be renamed. Please try again.');
      }
    },
    remove,
    reconnectNow: () => current().reconnectNow(),
    send: (payload) => current().send(payload),
    cancel: (runId) => current().cancel(runId),
    answerApproval: (runId, toolCallId, answer) => current().answerApproval(runId, toolCallId, answer),
    discard: (messageId) => current().discard(messageId),
    dismiss: (id) => current().dismiss(id),
    loadEarlier: () => current().loadEarlier(),
  },
});

const router = new Router({ onOpen: enter });
const places = new Places(tabStorage);
let entry = null;

/** @param {string} sessionId @param {{ isNew: boolean }} how */
function enter(sessionId, { isNew }) {
  const wasAt = entry;
  keepPlace();
  entry = router.entry;
  if (current()?.sessionId === sessionId) {
    if (entry !== wasAt) {
      view.goBackTo(places.get(entry), current().state);
    }

    view.drawer.done();
    return;
  }

  const session = open.open(sessionId);
  const everything = new ChangeSet();
  everything.everything = true;
  everything.pending = true;
  sessions.setCurrent(sessionId);
  view.enter(session, everything, { isNew, place: places.get(entry) });
  session.enter();
  // One that was left while it still had something to send is connected already, and has nothing new to tell.
  view.showConnection(session.connection, session.state);
  showTitle();
  view.composer.focus();
}

function keepPlace() {
  if (entry !== null) {
    places.set(entry, view.place);
  }
}

function openNew() {
  const { runs, pending } = current().state;
  // A page on which nothing was said is a new chat already.
  if (runs.size > 0 || pending.size > 0) {
    router.openNew();
  }

  view.drawer.done();
  view.composer.focus();
}

async function remove(sessionId) {
  const title = sessions.get(sessionId)?.title;
  if (!await view.confirm.ask(`${title ? `“${title}”` : 'This session'} and everything in it will be gone, for everybody who has its link. This can't be undone.`)) {
    return;
  }

  if (await sessions.remove(sessionId)) {
    tabs.tell({ type: 'deleted', sessionId });
    forget(sessionId);
  } else {
    current().notify('delete', 'The session could not be deleted. Please try again.');
  }
}

/** It is deleted, here or in another tab. @param {string} sessionId */
function forget(sessionId) {
  const wasOpen = current()?.sessionId === sessionId;
  sessions.forget(sessionId);
  open.forget(sessionId);
  if (wasOpen) {
    router.replaceWithNew();
  }
}

/** What the open session says of itself keeps the list fresh without asking. @param {ChatSession} session @param {Frame} frame */
function listen(session, { type, data }) {
  const { sessionId, state } = session;
  switch (type) {
    case 'run_queued':
      sessions.note(sessionId, { busy: true, updated_at: Date.now() / 1000, title: data.message });
      sessions.poke();
      tabs.tell({ type: 'changed' });
      break;
    case 'run_started':
      sessions.note(sessionId, { busy: true });
      break;
    case 'run_finished':
      sessions.note(sessionId, { busy: state.queue.length > 0, updated_at: Date.now() / 1000 });
      sessions.poke();
      tabs.tell({ type: 'changed' });
      break;
    case 'snapshot':
    case 'resync':
      if (state.runs.size > 0) {
        sessions.note(sessionId, { busy: state.activeRun !== null, title: state.title ?? undefined });
      }

      break;
    default:
      break;
  }
}

function showTitle() {
  const session = current();
  if (!session) {
    return;
  }

  const { state, sessionId } = session;
  const active = state.activeRun ? state.runs.get(state.activeRun) : null;
  const firstMessage = state.runs.values().next().value?.message;
  view.showTitle(sessions.get(sessionId)?.title ?? state.title ?? firstMessage, { working: active !== null, asking: active?.status === 'waiting' });
}

const shortcuts = {
  new: openNew,
  search: () => {
    view.drawer.open();
    view.sidebar.focusSearch();
  },
  sidebar: () => view.drawer.toggle(),
  next: () => goBeside(1),
  previous: () => goBeside(-1),
  write: () => view.composer.focus(),
  stop: () => view.composer.stop(),
  help: () => view.help.show(),
};

function goBeside(step) {
  const sessionId = view.sidebar.beside(step);
  if (sessionId) {
    router.open(sessionId);
  }
}

document.addEventListener('keydown', (event) => {
  const name = shortcutOf(event);
  // While a dialog asks something, the page behind it rests.
  if (name && !document.querySelector('dialog:modal')) {
    event.preventDefault();
    shortcuts[name]();
  }
});

// A phone that was asleep, a laptop that was closed, a page from the back/forward cache: don't wait for the next attempt.
window.addEventListener('online', () => current().wakeUp());
window.addEventListener('offline', () => current().doubt());
window.addEventListener('pageshow', (event) => event.persisted && current().wakeUp());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') {
    current().wakeUp();
    sessions.poke();
  }
});
window.addEventListener('pagehide', keepPlace);
window.addEventListener('storage', (event) => current().storageChanged(event.key));

router.start();
sessions.load();
