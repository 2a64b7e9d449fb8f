import { addNotice, runOf, touch } from './conversation-state.js';
import { localHandlers } from './local-events.js';
import { addUsage, finishStep, stepOf, takeUp } from './run-state.js';
import { replaceAll } from './snapshot.js';
import { takeoverOf } from './takeover.js';

/** @import { Frame, LocalEvent, State } from '../types.js' */

/**
 * The conversation as a function of what was received: no clock, no network, no page. The state belongs to the reducer, which changes it in
 * place, because a copy per token would cost as much as all tokens before it; `changes` says what the event touched.
 */

/**
 * @param {State} state
 * @param {Frame | LocalEvent} event
 * @returns {State} the same object, changed
 */
export function reduce(state, event) {
  state.changes = [];
  if (typeof event.seq === 'number') {
    // An entry that is here already says nothing new, whoever sends it again.
    if (event.seq <= state.lastSeq) {
      return state;
    }

    state.lastSeq = event.seq;
  }

  // Types that this page does not know are for later pages.
  if (Object.hasOwn(handlers, event.type)) {
    handlers[event.type](state, event.data ?? {}, event);
    hear(state, event);
  }

  return state;
}

const handlers = {
  ...localHandlers,

  snapshot: replaceAll,
  resync: replaceAll,

  // A click on "stop" may have been lost with the old connection. If it was not, the log says so.
  connected: forgetCancelling,

  accepted(state, data) {
    const pending = state.pending.get(data.message_id);
    if (!pending) {
      return;
    }

    if (state.runs.has(data.run_id) || (state.ready && data.seq <= state.lastSeq)) {
      state.pending.delete(data.message_id);
    } else {
      pending.status = 'accepted';
      pending.seq = data.seq;
    }

    touch(state, { kind: 'pending' });
  },

  error(state, data) {
    if (!data.message_id) {
      // It may have been the answer to a click on "stop": then that can be clicked again.
      forgetCancelling(state);
    }

    // What is wrong with one's own message is shown at the message.
    if (!data.message_id || !state.pending.has(data.message_id)) {
      addNotice(state, data.code, data.message);
    }
  },

  status(state, data) {
    state.trouble = data.state === 'ok' ? null : data.message;
    touch(state, { kind: 'notices' });
  },

  run_queued(state, data, event) {
    if (data.replaces_run_id) {
      markReplaced(state, data.replaces_run_id, event.run_id);
    }

    const run = runOf(state, event);
    run.seq = event.seq;
    run.messageId = data.message_id;
    run.message = data.message;
    run.attachments = data.attachments ?? [];
    run.agentName = data.agent_name;
    run.enableReasoning = data.enable_reasoning ?? true;
    run.replacesRunId = data.replaces_run_id;
    run.steersRunId = data.steers_run_id;
    run.queuedAt = event.timestamp;
    state.runByMessage.set(data.message_id, run.runId);
    // `position` counts the running one; the queue does not hold it.
    const ahead = (data.position ?? 0) - (state.activeRun ? 1 : 0);
    state.queue.splice(Math.min(Math.max(ahead, 0), state.queue.length), 0, run.runId);
    touchQueue(state);
    if (state.pending.delete(data.message_id)) {
      touch(state, { kind: 'pending' });
    }
  },

  run_started(state, data, event) {
    const run = runOf(state, event);
    leaveQueue(state, run.runId);
    if ((data.attempt ?? 1) > run.attempt) {
      run.takeovers.push(takeoverOf(run, event.timestamp));
    }

    run.status = 'running';
    run.agentName = data.agent_name ?? run.agentName;
    run.model = data.model;
    run.attempt = data.attempt ?? 1;
    run.traceId = data.trace_id;
    // An attempt more does not make the wait shorter.
    run.startedAt ??= event.timestamp;
    state.activeRun = run.runId;
    touch(state, { kind: 'run', runId: run.runId });
  },

  cancel_requested(state, _, event) {
    const run = runOf(state, event);
    run.cancelRequested = true;
    touch(state, { kind: 'run', runId: run.runId });
  },

  message_steered(state, data, event) {
    const run = runOf(state, event);
    const { stepId } = takeUp(run, { ...data, timestamp: event.timestamp });
    touch(state, { kind: 'step', runId: run.runId, stepId });
    touch(state, { kind: 'step_finished', runId: run.runId, stepId });
  },

  step_delta(state, data, event) {
    const run = runOf(state, event);
    const step = stepOf(run, data.step_id, data.step_type, data);
    if (!step.open) {
      return;
    }

    step.type = data.step_type;
    // Of a step whose beginning came with a snapshot it is not known when that was there.
    const seenFromTheStart = step.received === 0 || step.pace.length > 0;
    step.chunks.push(data.delta);
    step.received += data.delta.length;
    if (seenFromTheStart) {
      step.startedAt ??= event.timestamp;
      step.pace.push(event.timestamp, step.received);
    }

    run.uncountedCharacters += data.delta.length;
    touch(state, { kind: 'step', runId: run.runId, stepId: step.stepId });
  },

  reasoning_step(state, data, event) {
    const run = runOf(state, event);
    const step = finishStep(run, data);
    touch(state, { kind: 'step', runId: run.runId, stepId: step.stepId });
    touch(state, { kind: 'step_finished', runId: run.runId, stepId: step.stepId });
  },

  step_superseded(state, data, event) {
    const run = runOf(state, event);
    for (const stepId of data.step_ids ?? []) {
      if (run.steps.delete(stepId)) {
        touch(state, { kind: 'step_removed', runId: run.runId, stepId });
      }
    }
  },

  tool_approval_required(state, data, event) {
    const run = runOf(state, event);
    if (run.approvals.size === 0) {
      run.waits.push({ from: event.timestamp });
    }

    run.approvals.set(data.tool_call_id, data);
    run.status = 'waiting';
    touch(state, { kind: 'run', runId: run.runId });
  },

  tool_approval_resolved(state, data, event) {
    const run = runOf(state, event);
    const question = run.approvals.get(data.tool_call_id);
    run.decisions.set(data.tool_call_id, { tool_name: question?.tool_name, client_tool: question?.client_tool, ...data });
    run.approvals.delete(data.tool_call_id);
    if (run.status === 'waiting' && run.approvals.size === 0) {
      run.status = 'running';
      endWait(run, event.timestamp);
    }

    touch(state, { kind: 'run', runId: run.runId });
  },

  usage(state, data, event) {
    const run = runOf(state, event);
    run.usage = addUsage(run.usage, data);
    run.uncountedCharacters = 0;
    state.cost += data.cost ?? 0;
    touch(state, { kind: 'run', runId: run.runId });
  },

  run_finished(state, data, event) {
    const run = runOf(state, event);
    leaveQueue(state, run.runId);
    if (state.activeRun === run.runId) {
      state.activeRun = null;
    }

    run.status = data.status;
    run.steeredRunId = data.steered_run_id;
    run.error = data.error;
    run.durationMs = data.duration_ms;
    run.finishedAt = event.timestamp;
    run.iterations = data.iterations;
    // The end knows best.
    state.cost += (data.usage?.cost ?? run.usage?.cost ?? 0) - (run.usage?.cost ?? 0);
    run.usage = data.usage ?? run.usage;
    run.uncountedCharacters = 0;
    run.approvals.clear();
    endWait(run, event.timestamp);
    for (const step of run.steps.values()) {
      if (step.open) {
        // Nothing of a finished run follows, so this text will never be whole.
        step.open = false;
        step.cutOff = true;
        step.content = step.chunks.join('');
        touch(state, { kind: 'step', runId: run.runId, stepId: step.stepId });
      }
    }

    touch(state, { kind: 'run', runId: run.runId });
  },
};

function hear(state, { run_id: runId, timestamp }) {
  const run = state.runs.get(runId);
  if (run && timestamp) {
    run.heardAt = timestamp;
  }
}

function endWait(run, timestamp) {
  const last = run.waits.at(-1);
  if (last) {
    last.to ??= timestamp;
  }
}

// The replaced run and all that were queued after it leave the conversation; the new one is not among the runs yet.
function markReplaced(state, replacedId, byId) {
  let found = false;
  for (const run of state.runs.values()) {
    found ||= run.runId === replacedId;
    if (found && !run.replacedBy && run.runId !== byId) {
      run.replacedBy = byId;
      touch(state, { kind: 'run', runId: run.runId });
    }
  }
}

function forgetCancelling(state) {
  for (const run of state.runs.values()) {
    if (run.cancelling) {
      run.cancelling = false;
      touch(state, { kind: 'run', runId: run.runId });
    }
  }
}

function leaveQueue(state, runId) {
  const at = state.queue.indexOf(runId);
  if (at >= 0) {
    state.queue.splice(at, 1);
    touchQueue(state);
  }
}

function touchQueue(state) {
  for (const runId of state.queue) {
    touch(state, { kind: 'run', runId });
  }
}
