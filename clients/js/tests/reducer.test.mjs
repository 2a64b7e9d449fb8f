import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reduce } from '../src/state/reducer.js';
import { isOver, isStopping } from '../src/state/run-state.js';
import { initialState } from '../src/state/conversation-state.js';

/** A log that numbers its entries, and the state of a reader of it. */
function reader({ snapshot = true } = {}) {
  let seq = 0;
  const log = {
    state: initialState('s1'),
    receive(event) {
      log.state = reduce(log.state, event);
      return log.state;
    },
    entry(type, runId, data = {}, firstSeq = undefined) {
      seq += 1;
      return log.receive({ type, seq, first_seq: firstSeq, run_id: runId, timestamp: seq, data });
    },
    queued: (runId, data = {}) => log.entry('run_queued', runId,
      { message: `say ${runId}`, message_id: `m-${runId}`, agent_name: 'assistant', position: 0, ...data }),
    started: (runId, data = {}) => log.entry('run_started', runId, { agent_name: 'assistant', model: 'demo', attempt: 1, ...data }),
    delta: (runId, stepId, delta, stepType = 'answer') => log.entry('step_delta', runId,
      { step_id: stepId, step_type: stepType, delta, iteration: 1 }),
    step: (runId, stepId, type, content, more = {}) => log.entry('reasoning_step', runId,
      { step_id: stepId, type, content, iteration: 1, timestamp: 1, ...more }),
    finished: (runId, status = 'completed', more = {}) => log.entry('run_finished', runId,
      { status, duration_ms: 5, iterations: 1, ...more }),
    run: (runId) => log.state.runs.get(runId),
    steps: (runId) => [...log.run(runId).steps.values()].map((step) => [step.type, step.content ?? step.chunks.join('')]),
  };
  if (snapshot) {
    log.receive({
      type: 'snapshot',
      data: { session_id: 's1', epoch: 'e1', last_seq: 0, trimmed_through: 0, messages: [], has_more: false, queued_runs: [] },
    });
  }

  return log;
}

const message = (runId, more = {}) => ({
  seq: 1, run_id: runId, message_id: `m-${runId}`, message: `say ${runId}`, agent_name: 'assistant', status: 'completed', queued_at: 1,
  enable_reasoning: true, steps: [], ...more,
});

test('a run goes from queued over running to completed, with its steps in order', () => {
  const log = reader();
  log.queued('r1');
  assert.equal(log.run('r1').status, 'queued');
  log.started('r1', { trace_id: 't' });
  assert.equal(log.run('r1').status, 'running');
  assert.equal(log.state.activeRun, 'r1');
  log.step('r1', 's1', 'thought', 'hm');
  log.step('r1', 's2', 'tool_use', '', { tool_name: 'calculator', tool_call_id: 'c1', arguments: { expression: '1+1' } });
  log.step('r1', 's3', 'tool_result', '2', { tool_name: 'calculator', tool_call_id: 'c1', duration_ms: 3 });
  log.step('r1', 's4', 'final_answer', 'two');
  log.finished('r1', 'completed', { usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7, estimated: false } });
  assert.deepEqual(log.steps('r1'), [['thought', 'hm'], ['tool_use', ''], ['tool_result', '2'], ['final_answer', 'two']]);
  assert.deepEqual(log.run('r1').steps.get('s2').arguments, { expression: '1+1' });
  assert.equal(log.run('r1').status, 'completed');
  assert.ok(isOver(log.run('r1')));
  assert.equal(log.run('r1').usage.total_tokens, 7);
  assert.equal(log.state.activeRun, null);
});

test('deltas add up, and the finished step has the last word on type and text', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.delta('r1', 's1', 'I will ');
  log.delta('r1', 's1', 'look');
  assert.deepEqual(log.steps('r1'), [['answer', 'I will look']]);
  log.step('r1', 's1', 'thought', 'I will look.');
  assert.deepEqual(log.steps('r1'), [['thought', 'I will look.']]);
  assert.equal(log.run('r1').steps.get('s1').open, false);
});

test('a delta touches its step and nothing else', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.delta('r1', 's1', 'a');
  assert.deepEqual(log.delta('r1', 's1', 'b').changes, [{ kind: 'step', runId: 'r1', stepId: 's1' }]);
});

test('the work per delta does not grow with what is there', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.delta('r1', 's1', 'a');
  const { runs } = log.state;
  const { steps } = log.run('r1');
  const { chunks } = steps.get('s1');
  log.delta('r1', 's1', 'b');
  // The same containers, added to: nothing was copied.
  assert.equal(log.state.runs, runs);
  assert.equal(log.run('r1').steps, steps);
  assert.equal(steps.get('s1').chunks, chunks);
});

test('an entry that comes again changes nothing', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  const delta = { type: 'step_delta', seq: 3, run_id: 'r1', data: { step_id: 's1', step_type: 'answer', delta: 'a', iteration: 1 } };
  log.receive(delta);
  assert.deepEqual(log.receive(delta).changes, []);
  assert.deepEqual(log.steps('r1'), [['answer', 'a']]);
});

test('superseded text is taken back', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.step('r1', 's1', 'thought', 'kept');
  log.delta('r1', 's2', 'lost');
  log.entry('step_superseded', 'r1', { step_ids: ['s2', 'unknown'], reason: 'attempt_lost' });
  assert.deepEqual(log.state.changes, [{ kind: 'step_removed', runId: 'r1', stepId: 's2' }]);
  log.started('r1', { attempt: 2 });
  log.delta('r1', 's3', 'again');
  assert.deepEqual(log.steps('r1'), [['thought', 'kept'], ['answer', 'again']]);
  assert.equal(log.run('r1').attempt, 2);
});

test('flags of a step are kept: failed, in doubt, cut off', () => {
  const log = reader();
  log.queued('r1');
  log.step('r1', 's1', 'tool_result', 'oops', { is_error: true, in_doubt: true, duration_ms: 12 });
  log.step('r1', 's2', 'final_answer', 'half', { cut_off: true });
  const [first, second] = [...log.run('r1').steps.values()];
  assert.deepEqual([first.isError, first.inDoubt, first.cutOff, first.durationMs], [true, true, false, 12]);
  assert.equal(second.cutOff, true);
});

test('a step that is still open when its run ends was cut off', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.delta('r1', 's1', 'half');
  log.finished('r1', 'cancelled');
  const step = log.run('r1').steps.get('s1');
  assert.deepEqual([step.open, step.cutOff, step.content], [false, true, 'half']);
});

test('queued runs keep their order, and one that interrupts goes first', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.queued('r2', { position: 1 });
  log.queued('r3', { position: 2 });
  log.queued('r4', { position: 1 });
  assert.deepEqual(log.state.queue, ['r4', 'r2', 'r3']);
  log.finished('r2', 'cancelled');
  assert.deepEqual(log.state.queue, ['r4', 'r3']);
  assert.equal(log.state.activeRun, 'r1');
});

test('a cancel is shown from the click on, and from others\' clicks', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.receive({ type: 'local/cancelling', run_id: 'r1' });
  assert.ok(isStopping(log.run('r1')));
  log.queued('r2', { position: 1 });
  log.entry('cancel_requested', 'r2', { by: 'client' });
  assert.ok(isStopping(log.run('r2')));
  log.finished('r2', 'cancelled');
  assert.ok(!isStopping(log.run('r2')));
});

for (const [name, frame] of [
  ['a lost connection', { type: 'connected', data: { epoch: 'e1', last_seq: 2, resumed: true } }],
  ['an error', { type: 'error', data: { code: 'store_unavailable', message: 'Not now.' } }],
]) {
  test(`a cancel that ${name} swallowed can be clicked again, one in the log can not be taken back`, () => {
    const log = reader();
    log.queued('r1');
    log.started('r1');
    log.receive({ type: 'local/cancelling', run_id: 'r1' });
    log.receive(frame);
    assert.ok(!isStopping(log.run('r1')));
    log.entry('cancel_requested', 'r1', { by: 'client' });
    log.receive(frame);
    assert.ok(isStopping(log.run('r1')));
  });
}

test('a run that replaces another takes it and all after it out of the conversation', () => {
  const log = reader();
  for (const runId of ['r1', 'r2', 'r3']) {
    log.queued(runId);
    log.finished(runId);
  }

  log.queued('r4', { replaces_run_id: 'r2' });
  assert.deepEqual([...log.state.runs.values()].map(({ replacedBy }) => replacedBy), [undefined, 'r4', 'r4', undefined]);
});

test('approvals wait, and are gone once anybody has answered', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.entry('tool_approval_required', 'r1', { tool_call_id: 'c1', tool_name: 'save_note', arguments: {}, expires_at: 9 });
  assert.equal(log.run('r1').status, 'waiting');
  assert.equal(log.run('r1').approvals.size, 1);
  log.entry('tool_approval_resolved', 'r1', { tool_call_id: 'c1', approved: true, by: 'other' });
  assert.equal(log.run('r1').status, 'running');
  assert.equal(log.run('r1').approvals.size, 0);
});

test('what became of an approval stays with its call, live and from a snapshot', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.entry('tool_approval_required', 'r1', { tool_call_id: 'c1', tool_name: 'save_note', arguments: {}, expires_at: 9 });
  log.entry('tool_approval_resolved', 'r1', { tool_call_id: 'c1', approved: true, by: 'ada', edited: true, arguments: { text: 'x' } });
  assert.equal(log.run('r1').decisions.get('c1').tool_name, 'save_note');
  log.step('r1', 's1', 'tool_use', '', { tool_call_id: 'c1', arguments: { text: 'x' } });
  log.step('r1', 's2', 'tool_result', 'done', { tool_call_id: 'c1' });
  const [use, result] = log.run('r1').steps.values();
  assert.deepEqual([use.decision.by, use.decision.edited, result.decision], ['ada', true, undefined]);

  const late = reader({ snapshot: false });
  late.receive({ type: 'snapshot', data: { epoch: 'e1', last_seq: 9, messages: [message('r1', {
    approvals: [{ tool_call_id: 'c1', tool_name: 'save_note', approved: false, by: 'ada', reason: 'No.' }],
    steps: [{ step_id: 's1', type: 'tool_use', content: '', iteration: 1, timestamp: 1, tool_call_id: 'c1' }],
  })] } });
  assert.equal(late.run('r1').steps.get('s1').decision.reason, 'No.');
});

test('usage is summed while the run goes on, and settled by its end', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.entry('usage', 'r1',
    { iteration: 1, input_tokens: 10, output_tokens: 2, total_tokens: 12, estimated: false, time_to_first_token_ms: 90 });
  log.entry('usage', 'r1',
    { iteration: 2, input_tokens: 20, output_tokens: 3, total_tokens: 23, estimated: true, time_to_first_token_ms: 50 });
  const { usage } = log.run('r1');
  assert.deepEqual([usage.input_tokens, usage.output_tokens, usage.total_tokens, usage.estimated, usage.time_to_first_token_ms],
    [30, 5, 35, true, 90]);
  log.finished('r1', 'completed', { usage: { input_tokens: 31, output_tokens: 5, total_tokens: 36, estimated: false } });
  assert.equal(log.run('r1').usage.total_tokens, 36);
});

test('a snapshot brings everything, open steps and the queue included', () => {
  const log = reader({ snapshot: false });
  assert.equal(log.state.ready, false);
  log.receive({
    type: 'snapshot',
    data: {
      session_id: 's1', epoch: 'e1', last_seq: 40, trimmed_through: 12, title: 'Percent', has_more: true, queued_runs: ['r3'],
      messages: [
        message('r1', { steps: [{ step_id: 's1', type: 'final_answer', content: 'two', iteration: 1, timestamp: 1 }], duration_ms: 7 }),
        message('r2', { status: 'running' }),
        message('r3', { status: 'queued' }),
      ],
      active_run: {
        run_id: 'r2', status: 'running', attempt: 2, started_at: 1, pending_approvals: [],
        open_steps: [{ step_id: 's2', step_type: 'answer', content: 'so far', iteration: 1 }],
      },
    },
  });
  assert.deepEqual([...log.state.runs.keys()], ['r1', 'r2', 'r3']);
  assert.deepEqual(log.steps('r1'), [['final_answer', 'two']]);
  assert.deepEqual(log.steps('r2'), [['answer', 'so far']]);
  assert.deepEqual([log.state.ready, log.state.epoch, log.state.lastSeq, log.state.hasMore, log.state.activeRun],
    [true, 'e1', 40, true, 'r2']);
  assert.deepEqual(log.state.queue, ['r3']);
  log.receive({ type: 'step_delta', seq: 41, run_id: 'r2', data: { step_id: 's2', step_type: 'answer', delta: '!', iteration: 1 } });
  assert.deepEqual(log.steps('r2'), [['answer', 'so far!']]);
});

test('snapshot and replay come to the same conversation', () => {
  const replayed = reader();
  replayed.queued('r1');
  replayed.started('r1');
  replayed.delta('r1', 's1', 'two');
  replayed.step('r1', 's1', 'final_answer', 'two');
  replayed.finished('r1');
  const given = reader({ snapshot: false });
  given.receive({
    type: 'snapshot',
    data: {
      epoch: 'e1', last_seq: 5, has_more: false, queued_runs: [],
      messages: [
        message('r1', {
          model: 'demo',
          attempt: 1,
          duration_ms: 5,
          iterations: 1,
          steps: [{ step_id: 's1', type: 'final_answer', content: 'two', iteration: 1, timestamp: 1 }],
        }),
      ],
    },
  });
  const facts = ({ state }) => [...state.runs.values()]
    .map(({ runId, messageId, message: text, status, model, durationMs, iterations, steps }) =>
    ({
      runId,
      messageId,
      text,
      status,
      model,
      durationMs,
      iterations,
      steps: [...steps.values()].map(({ stepId, type, content, open }) => ({ stepId, type, content, open })),
    }));
  assert.deepEqual(facts(given), facts(replayed));
});

test('a resync replaces what was here, and keeps what waits to be sent', () => {
  const log = reader();
  log.queued('gone');
  log.receive({ type: 'local/outbox', entries: [{ message_id: 'm9', payload: { message: 'wait' }, created_at: 1, status: 'waiting' }] });
  log.receive(
    { type: 'resync', data: { epoch: 'e2', last_seq: 3, reason: 'epoch', messages: [message('new')], has_more: false, queued_runs: [] } });
  assert.deepEqual([...log.state.runs.keys()], ['new']);
  assert.deepEqual([...log.state.pending.keys()], ['m9']);
  assert.deepEqual([log.state.epoch, log.state.lastSeq], ['e2', 3]);
  assert.deepEqual(log.state.changes, [{ kind: 'everything' }]);
});

test('an own message is pending until its run is in the log, and is never there twice', () => {
  const log = reader();
  const entry = { message_id: 'm-r1', payload: { message: 'say r1' }, created_at: 1 };
  log.receive({ type: 'local/outbox', entries: [{ ...entry, status: 'waiting' }] });
  log.receive({ type: 'local/outbox', entries: [{ ...entry, status: 'sent' }] });
  assert.equal(log.state.pending.get('m-r1').status, 'sent');
  log.receive({ type: 'accepted', data: { message_id: 'm-r1', run_id: 'r1', seq: 1, duplicate: false } });
  log.receive({ type: 'local/outbox', entries: [] });
  assert.equal(log.state.pending.get('m-r1').status, 'accepted');
  log.queued('r1');
  assert.equal(log.state.pending.size, 0);
  log.receive({ type: 'local/outbox', entries: [{ ...entry, status: 'waiting' }] });
  assert.equal(log.state.pending.size, 0);
});

test('an accepted message whose run is already here, or on an earlier page, is not pending', () => {
  const log = reader();
  log.queued('other');
  log.receive({ type: 'local/outbox', entries: [{ message_id: 'old', payload: { message: 'x' }, created_at: 1, status: 'sent' }] });
  log.receive({ type: 'accepted', data: { message_id: 'old', run_id: 'on-an-earlier-page', seq: 1, duplicate: true } });
  assert.equal(log.state.pending.size, 0);
});

test('a refused message says why, and is no notice', () => {
  const log = reader();
  log.receive({ type: 'local/outbox', entries: [{ message_id: 'm1', payload: { message: 'x' }, created_at: 1, status: 'sent' }] });
  log.receive({ type: 'error', data: { code: 'message_too_long', message: 'Too long.', message_id: 'm1' } });
  log.receive({
    type: 'local/outbox',
    entries: [{ message_id: 'm1', payload: { message: 'x' }, created_at: 1, status: 'refused', reason: 'Too long.' }],
  });
  assert.deepEqual([log.state.pending.get('m1').status, log.state.pending.get('m1').reason], ['refused', 'Too long.']);
  assert.equal(log.state.notices.length, 0);
});

test('errors of no message are notices, bounded, and can be dismissed', () => {
  const log = reader();
  for (let i = 0; i < 20; i += 1) {
    log.receive({ type: 'error', data: { code: 'nothing_to_cancel', message: `no ${i}` } });
  }

  assert.ok(log.state.notices.length < 10);
  assert.equal(log.state.notices.at(-1).message, 'no 19');
  log.receive({ type: 'local/dismiss', id: log.state.notices.at(-1).id });
  assert.equal(log.state.notices.at(-1).message, 'no 18');
});

test('trouble of the store is shown until it is over', () => {
  const log = reader();
  log.receive({ type: 'status', data: { state: 'degraded', message: 'Hold on.' } });
  assert.equal(log.state.trouble, 'Hold on.');
  log.receive({ type: 'status', data: { state: 'ok', message: 'Well again.' } });
  assert.equal(log.state.trouble, null);
});

test('earlier messages go before those that are here', () => {
  const log = reader({ snapshot: false });
  log.receive(
    { type: 'snapshot', data: { epoch: 'e1', last_seq: 9, messages: [message('r5', { seq: 5 })], has_more: true, queued_runs: [] } });
  log.receive({ type: 'local/earlier', messages: [message('r3', { seq: 3 }), message('r5', { seq: 5 })], has_more: false });
  assert.deepEqual([...log.state.runs.keys()], ['r3', 'r5']);
  assert.equal(log.state.hasMore, false);
});

test('types that are not known, and names that every object has, change nothing but the offset', () => {
  const log = reader();
  log.entry('something_new', 'r1', { a: 1 });
  log.receive({ type: 'toString', data: {} });
  log.receive({ type: '__proto__', data: {} });
  log.receive({ type: 'heartbeat', data: { epoch: 'e1', last_seq: 1 } });
  assert.equal(log.state.lastSeq, 1);
  assert.equal(log.state.runs.size, 0);
  log.queued('r1');
  assert.equal(log.state.runs.size, 1);
});

test('events of a run that was queued on an earlier page are shown with what is known', () => {
  const log = reader();
  log.started('old');
  log.delta('old', 's1', 'x');
  log.finished('old');
  assert.equal(log.run('old').message, undefined);
  assert.equal(log.run('old').status, 'completed');
});

test('the files of a message come with the event that tells of it, and with a snapshot', () => {
  const file = { id: 'a1', name: 'plan.pdf', media_type: 'application/pdf', size: 3 };
  const log = reader();
  log.queued('r1', { attachments: [file] });
  log.queued('r2');
  assert.deepEqual([log.run('r1').attachments, log.run('r2').attachments], [[file], []]);

  log.receive({
    type: 'resync',
    data: {
      session_id: 's1', epoch: 'e2', last_seq: 9, trimmed_through: 0, has_more: false, queued_runs: [],
      messages: [{ seq: 1, run_id: 'r1', message_id: 'm1', message: 'a', agent_name: 'b', status: 'completed', attachments: [file] }],
    },
  });
  assert.deepEqual(log.run('r1').attachments, [file]);
});

test('a message that a run takes up stands among its steps, live and after a reload, and its own run is over', () => {
  const log = reader();
  log.queued('r1');
  log.started('r1');
  log.queued('r2', { message: 'in euros', position: 1, steers_run_id: 'r1' });
  assert.deepEqual([log.run('r2').steersRunId, log.state.queue], ['r1', ['r2']]);
  log.step('r1', 's1', 'tool_result', '2');
  const steered = { queued_run_id: 'r2', message_id: 'm-r2', message: 'in euros', iteration: 2 };
  log.entry('message_steered', 'r1', steered);
  log.finished('r2', 'completed', { steered_run_id: 'r1' });
  log.step('r1', 's2', 'thought', 'hm', { iteration: 2 });
  assert.deepEqual(log.steps('r1'), [['tool_result', '2'], ['said', 'in euros'], ['thought', 'hm']]);
  assert.deepEqual([log.run('r2').steeredRunId, log.state.queue, log.state.activeRun], ['r1', [], 'r1']);

  const again = reader({ snapshot: false });
  again.receive({
    type: 'snapshot',
    data: {
      epoch: 'e1',
      last_seq: 9,
      has_more: false,
      queued_runs: [],
      messages: [
        message('r1', {
          steered: [{ ...steered, timestamp: 5 }, { ...steered, queued_run_id: 'r3', message: 'and soon', iteration: 3, timestamp: 9 }],
          steps: [
            { step_id: 's1', type: 'tool_result', content: '2', iteration: 1 },
            { step_id: 's2', type: 'thought', content: 'hm', iteration: 2 },
          ],
        }),
        message('r2', { seq: 3, steered_run_id: 'r1' }),
      ],
    },
  });
  assert.deepEqual(again.steps('r1'), [...log.steps('r1'), ['said', 'and soon']]);
  assert.equal(again.run('r2').steeredRunId, 'r1');
});
