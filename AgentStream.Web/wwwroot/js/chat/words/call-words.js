import { duration } from './format.js';

/** @import { Step } from '../../client/types.js' */

/** A call in the one line that there is for it. No page. */

const LONGEST = 160;
// What is cut off is not to be gone through.
const LOOKED_AT = 2_000;
const LIVE_CHUNKS = 12;
const VALUES = new Set(['string', 'number', 'boolean']);

/** @param {object | string | undefined} value a call's arguments @returns {string} the one value alone; several with their names */
export function shortArguments(value) {
  if (typeof value !== 'object' || value === null) {
    return oneLine(String(value ?? ''));
  }

  const entries = Object.entries(value);
  return oneLine(entries.length === 1 && VALUES.has(typeof entries[0][1])
    ? String(entries[0][1])
    : entries.map(([name, one]) => `${name}: ${typeof one === 'string' ? one : JSON.stringify(one)}`).join(', '));
}

/** @param {string} text a result @returns {string} its beginning */
export function shortResult(text) {
  return oneLine(text);
}

/** @param {string} text Markdown @returns {string} its beginning, without marks */
export function shortProse(text) {
  return oneLine(text.slice(0, LOOKED_AT)
    .replace(/^[ \t]*(?:#{1,6}|[-*+>]|\d+[.)])[ \t]+/gm, '')
    .replace(/(\*\*|__|\*|`+)(?=\S)(.+?)\1/g, '$2'));
}

/** @param {string[]} chunks of a result that is still coming @returns {string} the line that came last */
export function lastLine(chunks) {
  return oneLine(chunks.slice(-LIVE_CHUNKS).join('').trimEnd().split('\n').at(-1) ?? '');
}

/** @param {string} text */
function oneLine(text) {
  const line = text.slice(0, LOOKED_AT).replace(/\s+/g, ' ').trim();
  return line.length > LONGEST || text.length > LOOKED_AT ? `${line.slice(0, LONGEST).trimEnd()} …` : line;
}

/**
 * How a call stands.
 * @typedef {'written' | 'running' | 'done' | 'failed' | 'refused' | 'doubt' | 'none'} CallState
 * `written`: its arguments are still coming; `none`: its run is over, and it has no result
 */

/**
 * @param {Step | null} use
 * @param {Step | null} result
 * @param {boolean} over nothing of its run can follow
 * @returns {CallState}
 */
export function callState(use, result, over) {
  if (result && !result.open) {
    return result.inDoubt ? 'doubt'
      : use?.decision?.approved === false ? 'refused'
        : result.isError ? 'failed'
          : result.cutOff ? 'none' : 'done';
  }

  return over ? 'none' : use?.open ? 'written' : 'running';
}

const FLAGS = {
  failed: 'failed',
  refused: 'refused',
  doubt: 'in doubt: it may or may not have happened',
  none: 'no result',
};

/** @param {CallState} state @returns {string} empty where all is well, or may be yet */
export function callFlag(state) {
  return FLAGS[state] ?? '';
}

/**
 * @param {Step | null} use
 * @param {Step | null} result
 * @param {number} [now] Unix seconds: for how long it is under way
 * @returns {string}
 */
export function callTime(use, result, now) {
  if (result && !result.open) {
    return result.durationMs >= 0 ? duration(result.durationMs) : '';
  }

  const passed = use?.finishedAt && now ? now - use.finishedAt : 0;
  return passed >= 1 ? duration(Math.floor(passed) * 1000) : '';
}
