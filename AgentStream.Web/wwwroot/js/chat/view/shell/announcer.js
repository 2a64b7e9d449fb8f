import { kindOf } from '../../words/step-kinds.js';
import { spendingOf } from '../approvals/approval-words.js';

/** @import { State } from '../../../client/types.js' */
/** @import { ChangeSet } from '../../state/store.js' */

const LONGEST = 300;

/** Tells a screen reader of each finished step, once; of tokens, never. */
export class Announcer {
  #region;
  #asks;
  #asked = new Set();

  /**
   * @param {HTMLElement} region
   * @param {HTMLElement} root what bubbles `announce` events up to here is said, too
   * @param {{ asks?: boolean }} [how] `asks`: whoever listens may answer what agents ask
   */
  constructor(region, root, { asks = true } = {}) {
    this.#region = region;
    this.#asks = asks;
    root.addEventListener('announce', ({ detail }) => this.say(detail));
  }

  /** @param {string} text */
  say(text) {
    this.#region.textContent = text;
  }

  /** @param {State} state @param {ChangeSet} changes */
  announce(state, changes) {
    const sentences = [];
    for (const [stepId, runId] of changes.finished) {
      const step = state.runs.get(runId)?.steps.get(stepId);
      if (step) {
        sentences.push(sentence(step));
      }
    }

    sentences.push(...this.#asks ? this.#questions(state, changes) : []);
    if (sentences.length > 0) {
      this.say(sentences.join(' '));
    }
  }

  // A run that waits for a person says so; each question once.
  #questions(state, changes) {
    const runs = changes.everything ? state.runs.keys() : changes.runs;
    const questions = [];
    for (const runId of runs) {
      for (const [id, approval] of state.runs.get(runId)?.approvals ?? []) {
        if (!this.#asked.has(id)) {
          this.#asked.add(id);
          questions.push(`The agent waits for your word: may it ${spendingOf(approval) ? 'cost more' : `use ${approval.tool_name}`}?`);
        }
      }
    }

    return questions;
  }
}

function sentence(step) {
  const tool = step.toolName ? ` ${step.toolName}` : '';
  const failed = `${step.isError ? ', failed' : ''}${step.cutOff ? ', cut off' : ''}`;
  const text = step.type === 'tool_use' ? '' : `: ${shortened(step.content)}`;
  return `${kindOf(step.type).word}${tool}${failed}${text}.`;
}

function shortened(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
