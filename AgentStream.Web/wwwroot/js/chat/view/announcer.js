import { kindOf } from './step-kinds.js';

/** @import { State } from '../types.js' */
/** @import { ChangeSet } from '../store.js' */

const LONGEST = 300;

/** Tells a screen reader of each finished step, once; of tokens, never. */
export class Announcer {
  #region;

  constructor(region) {
    this.#region = region;
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

    if (sentences.length > 0) {
      this.say(sentences.join(' '));
    }
  }
}

function sentence(step) {
  const tool = step.toolName ? ` ${step.toolName}` : '';
  const failed = step.isError ? ', failed' : '';
  const text = step.type === 'tool_use' ? '' : `: ${shortened(step.content)}`;
  return `${kindOf(step.type).word}${tool}${failed}${text}.`;
}

function shortened(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
