/** @import { Change, Frame, LocalEvent, Run, State, Step } from './types.js' */

/**
 * The conversation as a function of what was received: no clock, no network, no page. The state belongs to the reducer, which changes it in
 * place, because a copy per token would cost as much as all tokens before it; `changes` says what the event touched.
 */

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
  }

  return state;
}

/**
 * @param {Run} run
 * @returns {boolean} whether somebody has asked for its end, here or elsewhere
 */
export function isStopping(run) {
  return (run.cancelRequested || run.cancelling) && !isOver(run);
}

/**
 * @param {Run} run
 * @returns {boolean} whether nothing of it can follow
 */
export function isOver(run) {
  return run.status === 'completed' || run.status === 'failed' || run.status === 'cancelled';
}

const handlers = {
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
    run.agentName = data.agent_name;
    run.enableReasoning = data.enable_reasoning ?? true;
    run.replacesRunId = data.replaces_run_id;
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

  step_delta(state, data, event) {
    const run = runOf(state, event);
    const step = stepOf(run, data.step_id, data.step_type, data);
    if (!step.open) {
      return;
    }

    step.type = data.step_type;
    step.startedAt ??= event.timestamp;
    step.chunks.push(data.delta);
    step.received += data.delta.length;
    step.pace.push(event.timestamp, step.received);
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
    run.approvals.set(data.tool_call_id, data);
    run.status = 'waiting';
    touch(state, { kind: 'run', runId: run.runId });
  },

  tool_approval_resolved(state, data, event) {
    const run = runOf(state, event);
    run.decisions.set(data.tool_call_id, { tool_name: run.approvals.get(data.tool_call_id)?.tool_name, ...data });
    run.approvals.delete(data.tool_call_id);
    if (run.status === 'waiting' && run.approvals.size === 0) {
      run.status = 'running';
    }

    touch(state, { kind: 'run', runId: run.runId });
  },

  usage(state, data, event) {
    const run = runOf(state, event);
    run.usage = addUsage(run.usage, data);
    run.uncountedCharacters = 0;
    touch(state, { kind: 'run', runId: run.runId });
  },

  run_finished(state, data, event) {
    const run = runOf(state, event);
    leaveQueue(state, run.runId);
    if (state.activeRun === run.runId) {
      state.activeRun = null;
    }

    run.status = data.status;
    run.error = data.error;
    run.durationMs = data.duration_ms;
    run.finishedAt = event.timestamp;
    run.iterations = data.iterations;
    run.usage = data.usage ?? run.usage;
    run.uncountedCharacters = 0;
    run.approvals.clear();
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

/** @param {State} state @param {any} data */
function replaceAll(state, data) {
  state.ready = true;
  state.epoch = data.epoch;
  state.lastSeq = data.last_seq;
  state.title = data.title ?? null;
  state.hasMore = data.has_more ?? false;
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

/** @returns {Run} */
function runFromMessage(message) {
  const run = newRun(message.run_id, message.seq);
  run.messageId = message.message_id;
  run.message = message.message;
  run.agentName = message.agent_name;
  run.status = message.status;
  run.cancelRequested = message.cancel_requested ?? false;
  run.replacesRunId = message.replaces_run_id;
  run.replacedBy = message.replaced_by;
  run.model = message.model;
  run.attempt = message.attempt ?? 1;
  run.traceId = message.trace_id;
  run.enableReasoning = message.enable_reasoning ?? true;
  run.queuedAt = message.queued_at;
  run.startedAt = message.started_at;
  run.finishedAt = message.finished_at;
  run.error = message.error;
  run.usage = message.usage;
  run.durationMs = message.duration_ms;
  run.iterations = message.iterations;
  for (const decision of message.approvals ?? []) {
    run.decisions.set(decision.tool_call_id, decision);
  }

  for (const step of message.steps ?? []) {
    finishStep(run, step);
  }

  return run;
}

/** @returns {Run} */
function newRun(runId, seq) {
  return {
    runId,
    seq,
    status: 'queued',
    cancelRequested: false,
    cancelling: false,
    attempt: 1,
    enableReasoning: true,
    uncountedCharacters: 0,
    steps: new Map(),
    approvals: new Map(),
    decisions: new Map(),
  };
}

// A run whose run_queued is on an earlier page is shown with what is known of it.
/** @returns {Run} */
function runOf(state, event) {
  let run = state.runs.get(event.run_id);
  if (!run) {
    run = newRun(event.run_id, event.seq ?? 0);
    state.runs.set(event.run_id, run);
    touch(state, { kind: 'run', runId: run.runId });
  }

  return run;
}

/** @returns {Step} */
function stepOf(run, stepId, type, data) {
  let step = run.steps.get(stepId);
  if (!step) {
    step = {
      stepId,
      type,
      open: true,
      chunks: [],
      received: 0,
      pace: [],
      content: null,
      iteration: data.iteration ?? 0,
      isError: false,
      inDoubt: false,
      cutOff: false,
      agentName: data.agent_name,
      parentStepId: data.parent_step_id,
    };
    run.steps.set(stepId, step);
  }

  return step;
}

// The finished step has the last word on everything: on its type and its text, too.
/** @returns {Step} */
function finishStep(run, data) {
  const step = stepOf(run, data.step_id, data.type, data);
  step.type = data.type;
  step.open = false;
  step.content = data.content ?? '';
  step.finishedAt = data.timestamp;
  step.chunks = [];
  step.iteration = data.iteration ?? step.iteration;
  step.toolName = data.tool_name;
  step.toolCallId = data.tool_call_id;
  step.decision = data.type === 'tool_use' ? run.decisions.get(data.tool_call_id) : undefined;
  step.arguments = data.arguments;
  step.durationMs = data.duration_ms;
  step.isError = data.is_error ?? false;
  step.inDoubt = data.in_doubt ?? false;
  step.cutOff = data.cut_off ?? false;
  step.agentName = data.agent_name ?? step.agentName;
  step.parentStepId = data.parent_step_id ?? step.parentStepId;
  return step;
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

function addUsage(sum, usage) {
  return {
    input_tokens: (sum?.input_tokens ?? 0) + (usage.input_tokens ?? 0),
    output_tokens: (sum?.output_tokens ?? 0) + (usage.output_tokens ?? 0),
    total_tokens: (sum?.total_tokens ?? 0) + (usage.total_tokens ?? 0),
    estimated: Boolean(sum?.estimated || usage.estimated),
    // The first reply's first token is the one that the person waited for.
    time_to_first_token_ms: sum?.time_to_first_token_ms ?? usage.time_to_first_token_ms,
    tokens_per_second: usage.tokens_per_second,
  };
}

function addNotice(state, code, message) {
  state.noticeCount += 1;
  state.notices = [...state.notices, { id: state.noticeCount, code, message }].slice(-MAX_NOTICES);
  touch(state, { kind: 'notices' });
}

/** @param {State} state @param {Change} change */
function touch(state, change) {
  state.changes.push(change);
}

const MAX_NOTICES = 4;
