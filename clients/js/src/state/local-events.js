import { addNotice, touch } from './conversation-state.js';
import { isOver, runFromMessage } from './run-state.js';

/** What happened here and not on the server: as the handlers of the reducer, by type. */
export const localHandlers = {
  'local/outbox'(state, _, event) {
    const known = new Set();
    for (const entry of event.entries) {
      known.add(entry.message_id);
      if (!state.runByMessage.has(entry.message_id) && state.pending.get(entry.message_id)?.status !== 'accepted') {
        state.pending.set(entry.message_id, {
          messageId: entry.message_id,
          message: entry.payload.message,
          status: entry.status,
          reason: entry.reason,
        });
      }
    }

    for (const pending of [...state.pending.values()]) {
      if (!known.has(pending.messageId) && pending.status !== 'accepted') {
        state.pending.delete(pending.messageId);
      }
    }

    touch(state, { kind: 'pending' });
  },

  'local/earlier'(state, _, event) {
    const earlier = new Map();
    for (const message of event.messages) {
      if (!state.runs.has(message.run_id)) {
        earlier.set(message.run_id, runFromMessage(message));
        state.runByMessage.set(message.message_id, message.run_id);
      }
    }

    state.runs = new Map([...earlier, ...state.runs]);
    state.hasMore = event.has_more;
    touch(state, { kind: 'earlier' });
  },

  'local/cancelling'(state, _, event) {
    const run = state.runs.get(event.run_id);
    if (run && !isOver(run)) {
      run.cancelling = true;
      touch(state, { kind: 'run', runId: run.runId });
    }
  },

  'local/notice'(state, _, event) {
    addNotice(state, event.code, event.message);
  },

  'local/dismiss'(state, _, event) {
    state.notices = state.notices.filter((notice) => notice.id !== event.id);
    touch(state, { kind: 'notices' });
  },
};
