import { later } from '../../browser/later.js';
import { isOver, isStopping } from '../../../client/state/run-state.js';
import { answerOf } from '../../words/run-text.js';
import { errorOf, statusWords } from '../../words/run-words.js';
import { MessageView } from '../conversation/message.js';
import { make, setText } from '../elements/dom.js';
import { RunSteps } from '../steps/run-steps.js';
import { RunFoot } from './run-foot.js';

/** @import { Run, State } from '../../../client/types.js' */

/** @type {typeof import('../approvals/approval-list.js').ApprovalList | null} */
let List = null;
const loadList = later(async () => {
  ({ ApprovalList: List } = await import('../approvals/approval-list.js'));
});

/**
 * A message and its run: what was said, how the agent got on, the answer, what it cost.
 * @typedef {object} RunTools what all runs of a conversation share
 * @property {object} actions
 * @property {{ remote: import('../../markdown/remote.js').RemoteBlocks }} markdown
 * @property {import('../../browser/kept-map.js').KeptMap} folds how the reader left each run's steps: whether they are open
 * @property {Map<string, import('../approvals/approval-card.js').ApprovalCard>} cards by tool call
 * @property {(runId: string, way: -1 | 1) => void} turn to another version of a run's message
 * @property {() => number} now Unix seconds, by the server's clock
 * @property {string} traceUrl
 * @property {boolean} readOnly nothing can be said, asked again or answered here
 * @property {boolean} inFull calls are shown as two cards, not as a row
 */

export class RunView {
  #runId;
  #tools;
  #run = null;
  #message = new MessageView();
  #steps;
  /** @type {import('../approvals/approval-list.js').ApprovalList | null} once it asked somebody */
  #approvals = null;
  #busy = make('p', { class: 'run-busy', hidden: true, 'data-testid': 'typing' }, make('span', { class: 'dots', 'aria-hidden': 'true' }),
    make('span', { class: 'run-busy-words' }));
  #placed = { shown: true, past: false };
  #isElsewhere = false;
  #error = make('p', { class: 'run-line run-failed', 'data-testid': 'run-error', hidden: true });
  #foot;

  /** @param {string} runId @param {RunTools} tools */
  constructor(runId, tools) {
    this.#runId = runId;
    this.#tools = tools;
    this.#steps = new RunSteps(runId, tools);
    this.#foot = new RunFoot(tools, { answer: () => answerOf(this.#run), regenerate: () => this.#runAgain(this.#run.message) });
    this.element = make('li', { class: 'run', 'data-testid': 'run', 'data-run-id': runId },
      this.#message.element, ...this.#steps.elements, this.#busy, this.#error, this.#foot.element);
  }

  get runId() {
    return this.#runId;
  }

  /** All of it, for a run that is new on the page. @param {Run} run @param {State} state */
  fill(run, state) {
    this.#steps.fill(run);
    this.update(run, state);
  }

  /** Everything but the steps. @param {Run} run @param {State} state */
  update(run, state) {
    this.#run = run;
    this.element.dataset.status = run.status;
    this.element.dataset.seq = String(run.seq);
    // What another run took up is shown there.
    this.#isElsewhere = run.steeredRunId !== undefined && state.runs.has(run.steeredRunId);
    this.element.hidden = this.#isElsewhere || !this.#placed.shown;
    this.#message.show(run.message, statusWords(run, state, this.#tools), this.#messageActions(run));
    this.#steps.update(run);
    this.#showApprovals(run);
    this.#showBusy(run);
    showLine(this.#error, errorOf(run));
    this.#foot.update(run);
  }

  /**
   * Where it stands among the versions of its message.
   * @param {object} place
   * @param {boolean} place.shown it is in the conversation that is looked at
   * @param {boolean} place.past it is in the conversation no more: it can be looked at, not gone on with
   * @param {number} [place.version] from 1
   * @param {number} [place.versions] how many there are
   * @param {boolean} [place.more] the first ones are on an earlier page
   */
  stand(place) {
    const becamePast = place.past !== this.#placed.past;
    this.#placed = place;
    this.element.hidden = this.#isElsewhere || !place.shown;
    this.element.toggleAttribute('data-past', place.past);
    this.#message.showVersion(place.versions > 1 || place.more ? place : null, (way) => this.#tools.turn(this.#runId, way));
    this.#foot.past = place.past;
    if (becamePast && this.#run) {
      this.#message.setActions(this.#messageActions(this.#run));
      this.#foot.update(this.#run);
    }
  }

  /** @returns {string | null} the message as the person is changing it just now */
  get edited() {
    return this.#message.edited;
  }

  /** @returns {boolean} whether what was said may be changed, and is in sight */
  get canEdit() {
    return !this.element.hidden && this.#run !== null && this.#run.status !== 'queued' && this.#messageActions(this.#run).length > 0;
  }

  /** Lets the person change the message, or go on with that. @param {string} [text] */
  edit(text) {
    this.#message.edit((changed) => this.#runAgain(changed), text);
  }

  /** @param {-1 | 1} way */
  focusVersion(way) {
    this.#message.focusVersion(way);
  }

  /** @param {Run} run @param {string} stepId */
  updateStep(run, stepId) {
    const step = run.steps.get(stepId);
    if (!step) {
      return;
    }

    this.#steps.updateStep(run, step);
    if (run.decisions.size > 0) {
      this.#showApprovals(run);
    }

    this.#showBusy(run);
    this.#foot.progress(run);
  }

  /** @param {Run} run @param {string} stepId */
  removeStep(run, stepId) {
    this.#steps.remove(run, stepId);
    this.#showBusy(run);
  }

  /** A moment has passed. */
  tick() {
    if (this.#run && !isOver(this.#run)) {
      this.#steps.update(this.#run);
      this.#steps.tick(this.#tools.now());
      this.#foot.progress(this.#run, true);
    }
  }

  /** @param {string} stepId @param {boolean} [inFull] @returns {boolean} whether the step is here; it is shown then */
  reveal(stepId, inFull) {
    return this.#steps.reveal(stepId, inFull);
  }

  /** @param {string} stepId @returns {HTMLElement | null} the row that shows it, if that is made */
  rowOf(stepId) {
    return this.#steps.rowOf(stepId);
  }

  /** It goes on paper. */
  beforePrint() {
    this.#message.beforePrint();
    this.#steps.beforePrint();
  }

  /** Nobody looks at it any more. */
  dispose() {
    this.#steps.dispose();
    this.#foot.dispose();
  }

  #showApprovals(run) {
    if (this.#approvals === null && List && (run.approvals.size > 0 || run.decisions.size > 0)) {
      const { cards, readOnly, actions } = this.#tools;
      this.#approvals = new List(
        cards, readOnly ? null : (toolCallId, answer) => actions.answerApproval(this.#runId, toolCallId, answer));
      this.#busy.before(this.#approvals.element);
    }

    if (this.#approvals) {
      this.#approvals.update(run);
    } else if (run.approvals.size > 0 || run.decisions.size > 0) {
      loadList().then(() => this.#showApprovals(this.#run), (error) => console.warn(error));
    }
  }

  #messageActions(run) {
    if (this.#tools.readOnly) {
      return [];
    }

    if (run.status === 'queued' && !isStopping(run)) {
      return [{ label: 'Cancel', testid: 'cancel-queued', action: () => this.#tools.actions.cancel(this.#runId) }];
    }

    return run.message === undefined || this.#placed.past || run.steeredRunId
      ? []
      : [{ label: 'Edit', testid: 'edit-message', action: () => this.#message.edit((text) => this.#runAgain(text)) }];
  }

  #runAgain(message) {
    const run = this.#run;
    this.#tools.actions.send({
      message,
      enable_reasoning: run.enableReasoning,
      replaces_run_id: run.runId,
      ...(run.agentName ? { agent_name: run.agentName } : {}),
      ...(isOver(run) ? {} : { on_busy: 'interrupt' }),
    });
  }

  // Between steps nothing moves on the page; this line says that something is going on nevertheless.
  #showBusy(run) {
    this.#busy.hidden = run.status !== 'running' || this.#steps.isStreaming;
    if (!this.#busy.hidden) {
      setText(this.#busy.lastChild, isStopping(run) ? 'Stopping' : `${run.agentName ?? 'The agent'} is working`);
    }
  }
}

function showLine(element, text) {
  element.hidden = text === '';
  setText(element, text);
}
