import { runOf, touch } from './conversation-state.js';
import { runFromMessage, stepOf } from './run-state.js';

/** @import { State } from '../types.js' */

/** What was here goes; what waits to be sent stays. @param {State} state @param {any} data of a snapshot or a resync */
export function replaceAll(state, data) {
  state.ready = true;
  state.epoch = data.epoch;
  state.lastSeq = data.last_seq;
  state.title = data.title ?? null;
  state.hasMore = data.has_more ?? false;
  state.cost = data.usage?.cost ?? 0;
  state.runs = new Map();
  state.runByMessage = new Map();
  state.queue = [...(data.queued_runs ?? [])];
  state.activeRun = data.active_run?.run_id ?? null;
  for (const message of data.messages ?? []) {
    state.runs.set(message.run_id, runFromMessage(message));
    state.runByMessage.set(message.message_id, message.run_id);
  }

  if (data.active_run) {
    resumeActive(state, data.active_run);
  }

  for (const pending of [...state.pending.values()]) {
    const arrived = state.runByMessage.has(pending.messageId);
    const acceptedBefore = pending.status === 'accepted' && pending.seq <= state.lastSeq;
    if (arrived || acceptedBefore) {
      state.pending.delete(pending.messageId);
    }
  }

  touch(state, { kind: 'everything' });
}

function resumeActive(state, active) {
  const run = runOf(state, { run_id: active.run_id });
  run.status = active.status;
  run.attempt = active.attempt ?? run.attempt;
  run.startedAt = active.started_at ?? run.startedAt;
  run.heardAt = active.heard_at;
  for (const open of active.open_steps ?? []) {
    const step = stepOf(run, open.step_id, open.step_type, open);
    if (open.content) {
      step.chunks.push(open.content);
      step.received += open.content.length;
      run.uncountedCharacters += open.content.length;
    }
  }

  for (const approval of active.pending_approvals ?? []) {
    run.approvals.set(approval.tool_call_id, approval);
  }
}
