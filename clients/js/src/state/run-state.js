import { takeoverFromMessage } from './takeover.js';

/** @import { Run, Step, Usage } from '../types.js' */

/** What a run and its steps are made of, wherever they come from: an event, a snapshot, a page of earlier messages. */

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

/** @param {any} message of a transcript @returns {Run} */
export function runFromMessage(message) {
  const run = newRun(message.run_id, message.seq);
  run.messageId = message.message_id;
  run.message = message.message;
  run.attachments = message.attachments ?? [];
  run.agentName = message.agent_name;
  run.status = message.status;
  run.cancelRequested = message.cancel_requested ?? false;
  run.replacesRunId = message.replaces_run_id;
  run.replacedBy = message.replaced_by;
  run.steersRunId = message.steers_run_id;
  run.steeredRunId = message.steered_run_id;
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
  run.waits = (message.waits ?? []).map((wait) => ({ ...wait }));
  run.takeovers = (message.takeovers ?? []).map(takeoverFromMessage);
  for (const decision of message.approvals ?? []) {
    run.decisions.set(decision.tool_call_id, decision);
  }

  // What was said meanwhile stands before the first reply that knows of it.
  const said = [...message.steered ?? []];
  for (const step of message.steps ?? []) {
    while (said.length > 0 && !step.parent_step_id && said[0].iteration <= (step.iteration ?? 0)) {
      takeUp(run, said.shift());
    }

    finishStep(run, step);
  }

  said.forEach((one) => takeUp(run, one));
  return run;
}

/** @param {Run} run @param {any} said a message that it took up while it was under way @returns {Step} */
export function takeUp(run, { queued_run_id: queued, message, iteration, timestamp }) {
  return finishStep(run, { step_id: `said-${queued}`, type: 'said', content: message, iteration, timestamp });
}

/** @param {string} runId @param {number} seq @returns {Run} */
export function newRun(runId, seq) {
  return {
    runId,
    seq,
    status: 'queued',
    cancelRequested: false,
    cancelling: false,
    attempt: 1,
    enableReasoning: true,
    attachments: [],
    uncountedCharacters: 0,
    steps: new Map(),
    approvals: new Map(),
    decisions: new Map(),
    waits: [],
    takeovers: [],
  };
}

/** @param {Run} run @param {string} stepId @param {string} type @param {any} data of its event @returns {Step} */
export function stepOf(run, stepId, type, data) {
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

/**
 * The finished step has the last word on everything: on its type and its text, too.
 * @param {Run} run
 * @param {any} data of a finished step
 * @returns {Step}
 */
export function finishStep(run, data) {
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
  step.cost = data.cost;
  step.isError = data.is_error ?? false;
  step.inDoubt = data.in_doubt ?? false;
  step.cutOff = data.cut_off ?? false;
  step.agentName = data.agent_name ?? step.agentName;
  step.parentStepId = data.parent_step_id ?? step.parentStepId;
  return step;
}

/** @param {Usage | undefined} sum @param {any} usage of one more reply @returns {Usage} */
export function addUsage(sum, usage) {
  return {
    input_tokens: (sum?.input_tokens ?? 0) + (usage.input_tokens ?? 0),
    output_tokens: (sum?.output_tokens ?? 0) + (usage.output_tokens ?? 0),
    total_tokens: (sum?.total_tokens ?? 0) + (usage.total_tokens ?? 0),
    estimated: Boolean(sum?.estimated || usage.estimated),
    // The first reply's first token is the one that the person waited for.
    time_to_first_token_ms: sum?.time_to_first_token_ms ?? usage.time_to_first_token_ms,
    tokens_per_second: usage.tokens_per_second,
    cost: (sum?.cost ?? 0) + (usage.cost ?? 0),
  };
}

/** @param {Step} step @returns {boolean} whether it is what the run says to the person, or may become that */
export function isAnswer(step) {
  return (step.type === 'answer' || step.type === 'final_answer') && !step.parentStepId;
}

/** @param {Step} step @returns {boolean} whether it is what came of the run, and not a step on the way */
export function isOutcome(step) {
  return isAnswer(step) || (step.type === 'error' && !step.parentStepId);
}
