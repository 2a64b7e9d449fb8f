/** @import { Frame } from '../../client/types.js' */

/**
 * Keeps the list fresh by what a session that is open here says of itself, without asking.
 * @param {{ list: import('./session-list.js').SessionList, tabs: import('./tabs.js').Tabs }} on
 * @returns {(session: import('./session.js').ChatSession, frame: Frame) => void} takes each frame, after the session's state has
 */
export function listUpdater({ list, tabs }) {
  const changed = () => {
    list.poke();
    tabs.tell({ type: 'changed' });
  };
  return ({ sessionId, state }, { type, data }) => {
    switch (type) {
      case 'run_queued':
        list.note(sessionId,
          { busy: true, state: state.activeRun ? stateOf(state) : 'queued', updated_at: Date.now() / 1000, title: data.message });
        changed();
        break;
      case 'run_started':
      case 'tool_approval_required':
      case 'tool_approval_resolved':
        list.note(sessionId, { busy: true, state: stateOf(state) });
        break;
      case 'run_finished':
        list.note(sessionId, { busy: state.queue.length > 0, state: stateOf(state), updated_at: Date.now() / 1000 });
        changed();
        break;
      case 'snapshot':
      case 'resync':
        if (state.runs.size > 0) {
          list.note(sessionId, { busy: state.activeRun !== null, state: stateOf(state), title: state.title ?? undefined });
        }

        break;
      default:
        break;
    }
  };
}

/** @param {import('../../client/types.js').State} state */
function stateOf({ activeRun, runs, queue }) {
  return activeRun ? (runs.get(activeRun)?.status === 'waiting' ? 'waiting' : 'running') : queue.length > 0 ? 'queued' : 'idle';
}
