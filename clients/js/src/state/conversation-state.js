import { newRun } from './run-state.js';

/** @import { Change, Run, State } from '../types.js' */

/** The state of a session, and the few ways to change it that events of all kinds share. */

const MAX_NOTICES = 4;

/**
 * @param {string} sessionId
 * @returns {State}
 */
export function initialState(sessionId) {
  return {
    sessionId,
    ready: false,
    epoch: null,
    lastSeq: 0,
    title: null,
    hasMore: false,
    cost: 0,
    runs: new Map(),
    runByMessage: new Map(),
    queue: [],
    activeRun: null,
    pending: new Map(),
    trouble: null,
    notices: [],
    noticeCount: 0,
    changes: [],
  };
}

/** @param {State} state @param {Change} change for whoever shows it */
export function touch(state, change) {
  state.changes.push(change);
}

/**
 * A run whose run_queued is on an earlier page is shown with what is known of it.
 * @param {State} state
 * @param {{ run_id: string, seq?: number }} event
 * @returns {Run}
 */
export function runOf(state, event) {
  let run = state.runs.get(event.run_id);
  if (!run) {
    run = newRun(event.run_id, event.seq ?? 0);
    state.runs.set(event.run_id, run);
    touch(state, { kind: 'run', runId: run.runId });
  }

  return run;
}

/** @param {State} state @param {string} code @param {string} message for people */
export function addNotice(state, code, message) {
  state.noticeCount += 1;
  state.notices = [...state.notices, { id: state.noticeCount, code, message }].slice(-MAX_NOTICES);
  touch(state, { kind: 'notices' });
}
