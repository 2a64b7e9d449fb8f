import { Api } from './api.js';
import { Outbox } from './outbox.js';
import { pauseBefore } from './backoff.js';
import { resolveSession } from './session.js';
import { Connection } from './socket.js';
import { openStorage } from './storage.js';
import { Store } from './store.js';
import { View } from './view.js';

// How long a message waits that the server could not take just now.
const RETRY_MS = 3_000;

const root = document.getElementById('chat');
const sessionId = resolveSession(root.dataset.sessionId);
const storage = openStorage();
const api = new Api(root.dataset.apiBase);

const outbox = new Outbox({
  sessionId,
  storage,
  onChange: (entries) => store.dispatch({ type: 'local/outbox', entries }),
});

const connection = new Connection({
  address: (cursor) => api.socketAddress(sessionId, cursor),
  onFrame: receive,
  onConnected: () => {
    sendWhatWaits();
    view.agents.load();
  },
  onTooBig: () => outbox.refuseWhatIsUnderWay('The message is too long for the server.'),
  onState: (state) => {
    if (state.status !== 'connected') {
      outbox.connectionLost();
    }

    view.connection.show(state, store.state);
  },
});

const view = new View({
  root,
  sessionId,
  storage,
  api,
  actions: {
    connect: () => connection.connect(),
    disconnect: () => connection.disconnect(),
    reconnectNow: () => connection.reconnectNow(),
    send(payload) {
      outbox.add(payload);
      sendWhatWaits();
    },
    cancel(runId) {
      if (connection.send({ type: 'cancel', payload: { run_id: runId } })) {
        store.dispatch({ type: 'local/cancelling', run_id: runId });
      }
    },
    answerApproval: (runId, toolCallId, approved) =>
      connection.send({ type: 'tool_approval', payload: { run_id: runId, tool_call_id: toolCallId, approved } }),
    discard: (messageId) => outbox.settle(messageId),
    dismiss: (id) => store.dispatch({ type: 'local/dismiss', id }),
    loadEarlier,
  },
});

const store = new Store({ sessionId, render: (state, changes) => view.render(state, changes, connection.state) });

/** @param {import('./types.js').Frame} frame */
function receive(frame) {
  store.dispatch(frame);
  switch (frame.type) {
    case 'accepted':
    case 'run_queued':
      outbox.settle(frame.data.message_id);
      break;
    case 'snapshot':
    case 'resync':
      for (const message of frame.data.messages ?? []) {
        outbox.settle(message.message_id);
      }

      break;
    case 'error':
      if (frame.data.message_id && outbox.reject(frame.data.message_id, frame.data.code, frame.data.message)) {
        setTimeout(sendWhatWaits, RETRY_MS + pauseBefore(2, Math.random));
      }

      break;
    case 'status':
    case 'heartbeat':
      // What another tab left behind, or what the server could not take a moment ago.
      sendWhatWaits();
      break;
    default:
      break;
  }
}

function sendWhatWaits() {
  outbox.flush((frame) => connection.send(frame));
}

async function loadEarlier() {
  const first = store.state.runs.values().next().value;
  try {
    const page = await api.earlier(sessionId, first?.seq ?? 0);
    store.dispatch({ type: 'local/earlier', messages: page.messages ?? [], has_more: page.has_more ?? false });
  } catch (error) {
    console.warn(error);
    store.dispatch({ type: 'local/notice', code: 'earlier', message: 'The earlier messages could not be loaded. Please try again.' });
  }
}

// A phone that was asleep, a laptop that was closed, a page from the back/forward cache: don't wait for the next attempt.
window.addEventListener('online', () => connection.wakeUp());
window.addEventListener('offline', () => connection.wakeUp());
window.addEventListener('pageshow', (event) => event.persisted && connection.wakeUp());
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && connection.wakeUp());
window.addEventListener('storage', (event) => outbox.storageChanged(event.key));

store.dispatch({ type: 'local/outbox', entries: outbox.entries() });
connection.connect();
