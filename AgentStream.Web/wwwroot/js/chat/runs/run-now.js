import { lastLine, shortArguments } from '../words/call-words.js';

/** @import { Run, Step } from '../../client/types.js' */

/** What a run does at this moment, in a line. No page. */

const CHARACTERS_PER_TOKEN = 4;
const WINDOW_S = 4;

/**
 * @typedef {object} Now
 * @property {string} kind of step
 * @property {string} words
 * @property {string} [agentName] another agent than the run's own is at work
 */

/** @param {Run | undefined} run @returns {Now | null} null: nothing is known of its steps */
export function doingNow(run) {
  if (!run) {
    return null;
  }

  const step = newest(run);
  if (!step) {
    return { kind: 'thought', words: 'Begins' };
  }

  const { type, open, agentName } = step;
  const said = open ? lastLine(step.chunks) : '';
  const by = agentName && agentName !== run.agentName ? { agentName } : {};
  switch (type) {
    case 'tool_use':
      return { kind: type, words: open ? 'Writes a call' : `${step.toolName ?? ''} ${shortArguments(step.arguments)}`.trim(), ...by };
    case 'tool_result':
      return open ? { kind: type, words: said || 'A tool works', ...by } : { kind: 'thought', words: 'Thinks about the result', ...by };
    case 'answer':
    case 'final_answer':
      return { kind: 'final_answer', words: said || 'Answers', ...by };
    default:
      return { kind: 'thought', words: said || 'Thinks', ...by };
  }
}

// What is open is what goes on; a call that waits for its result stands before the results of others.
function newest({ steps }) {
  let last = null;
  let open = null;
  for (const step of steps.values()) {
    last = step;
    open = step.open ? step : open;
  }

  return open ?? last;
}

/** @param {Run} run @returns {number} tokens that it has written, as far as one can tell */
export function written({ usage, uncountedCharacters }) {
  return (usage?.output_tokens ?? 0) + Math.round(uncountedCharacters / CHARACTERS_PER_TOKEN);
}

/** @param {Run} run @returns {number} all tokens, those that it read included */
export function tokensOf(run) {
  return (run.usage?.input_tokens ?? 0) + written(run);
}

/** How fast tokens come, over the last seconds. */
export class Pace {
  /** @type {[number, number][]} second, tokens */
  #samples = [];

  /** @param {number} now Unix seconds @param {number} tokens written so far @returns {number} tokens a second */
  sample(now, tokens) {
    // A count by the provider takes the place of an estimate, and may be less: from there on anew.
    if (tokens < (this.#samples.at(-1)?.[1] ?? 0)) {
      this.#samples = [];
    }

    this.#samples.push([now, tokens]);
    while (this.#samples.length > 2 && this.#samples[1][0] <= now - WINDOW_S) {
      this.#samples.shift();
    }

    const [[from, before]] = this.#samples;
    return now - from >= 1 ? (tokens - before) / (now - from) : 0;
  }
}

/**
 * @param {{ status: string }[]} runs
 * @returns {string} how many there are of each
 */
export function summary(runs) {
  const count = (status) => runs.filter((run) => run.status === status).length;
  const [running, waiting, queued] = ['running', 'waiting', 'queued'].map(count);
  return [
    running > 0 && `${running} working`,
    waiting > 0 && (waiting === 1 ? '1 asks you' : `${waiting} ask you`),
    queued > 0 && `${queued} queued`,
  ].filter(Boolean).join(' · ');
}
