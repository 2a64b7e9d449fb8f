import { callState } from '../../words/call-words.js';
import { decisionLine } from '../approvals/decision-line.js';
import { make } from '../elements/dom.js';
import { fold } from '../elements/fold.js';
import { CallPart } from './call-part.js';
import { CallRow } from './call-row.js';

/** @import { Step } from '../../../client/types.js' */
/** @import { StepTools } from './step-rows.js' */

const DELEGATE = 'delegate';

let lastId = 0;

/** A call with its result: one row, which opens to both in full. What another agent did for it stands within it. */
export class CallView {
  #tools;
  #row;
  #decision = make('div', { class: 'call-decision', hidden: true });
  #nested = make('div', { class: 'call-nested', hidden: true });
  #body;
  /** @type {Map<string, CallPart>} */
  #parts = new Map();
  #over = false;
  #nestedCalls = 0;
  #agent = null;
  /** Whether the reader wants it open; until they say so, the work of another agent is open while it is under way. */
  #chosen = null;

  /** @param {string} id the id of its first step @param {StepTools} tools */
  constructor(id, tools) {
    lastId += 1;
    this.#tools = tools;
    const bodyId = `call-${lastId}`;
    this.#row = new CallRow(bodyId, (open) => this.#choose(open, true));
    this.#body = make('div', { class: 'call-body', id: bodyId, hidden: true }, this.#nested);
    this.element = make('div', { class: 'call', 'data-testid': 'call', 'data-call': id }, this.#row.element, this.#decision, this.#body);
  }

  /** It is the first one of another iteration. @param {number} iteration */
  begin(iteration) {
    this.element.toggleAttribute('data-begins', true);
    this.#row.begin(iteration);
  }

  /** @param {Step} step its call or its result */
  update(step) {
    const part = this.#parts.get(step.stepId);
    if (part) {
      part.update(step);
    } else {
      this.#add(step);
    }

    this.#show();
  }

  /** Something that another agent did for it. @param {HTMLElement} element @param {Step} step */
  nest(element, step) {
    this.#agent ??= step.agentName ?? null;
    this.#nestedCalls += step.type === 'tool_use' ? 1 : 0;
    this.#nested.append(element);
    this.#nested.hidden = false;
    this.#show();
  }

  /** @param {string} stepId @returns {boolean} whether nothing is left of it */
  remove(stepId) {
    this.#parts.get(stepId)?.element.remove();
    this.#parts.delete(stepId);
    if (this.#parts.size > 0) {
      this.#show();
      return false;
    }

    this.element.remove();
    return true;
  }

  /** @returns {boolean} whether a result is still to come */
  get isUnderWay() {
    return this.element.dataset.state === 'running' || this.element.dataset.state === 'written';
  }

  /** Nothing of its run can follow. */
  end() {
    this.#over = true;
    this.#show();
  }

  /** @param {number} now Unix seconds */
  tick(now) {
    this.#row.time(this.#stepOf('tool_use'), this.#stepOf('tool_result'), now);
  }

  open() {
    this.#choose(true);
  }

  #add(step) {
    const part = new CallPart(step, { ...this.#tools, isProse: this.#isDelegation(step) });
    this.#parts.set(step.stepId, part);
    // The arguments stand before what was done with them, the result after it.
    if (step.type === 'tool_use') {
      this.#nested.before(part.element);
    } else {
      this.#body.append(part.element);
    }

    if (this.#row.isOpen) {
      part.show();
    }

    part.update(step);
  }

  #isDelegation(step) {
    return step?.toolName === DELEGATE || !this.#nested.hidden;
  }

  #stepOf(type) {
    return [...this.#parts.values()].find(({ step }) => step.type === type)?.step ?? null;
  }

  #show() {
    const use = this.#stepOf('tool_use');
    const result = this.#stepOf('tool_result');
    const state = callState(use, result, this.#over);
    const isGroup = this.#isDelegation(use);
    this.element.dataset.state = state;
    this.element.toggleAttribute('data-group', isGroup);
    const agent = use?.arguments?.agent ?? this.#agent ?? DELEGATE;
    this.#row.show(use, result, state, isGroup ? { agent, calls: this.#nestedCalls } : null);
    if (use?.decision && this.#decision.hidden) {
      this.#decision.hidden = false;
      this.#decision.append(decisionLine(use.decision));
    }

    this.#fold(this.#chosen ?? (this.#tools.inFull || (isGroup && !this.#nested.hidden && this.isUnderWay)));
  }

  #choose(open, inMotion = false) {
    this.#chosen = open;
    this.#fold(open, inMotion);
  }

  #fold(open, inMotion = false) {
    if (open) {
      this.#parts.forEach((part) => part.show());
    }

    if (inMotion) {
      this.#row.isOpen = open;
      fold(this.#body, open);
    } else if (this.#row.isOpen !== open) {
      this.#row.isOpen = open;
      this.#body.hidden = !open;
    }
  }
}
