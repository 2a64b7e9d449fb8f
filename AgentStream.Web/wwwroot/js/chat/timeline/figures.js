import { isOver } from '../../client/state/run-state.js';
import { costWords, counted, duration, grouped, tokens } from '../words/format.js';
import { toolCalls } from './calls.js';

/** @import { Run } from '../../client/types.js' */

/** What a run cost, in words: while it runs, as far as it is, and when it is over. */

// A token is about so many characters of English; said as "about".
const CHARACTERS_PER_TOKEN = 4;

/**
 * What stands below each run: its time, its tokens, and what they have cost.
 * @param {Run} run
 * @param {number} now Unix seconds
 * @param {() => void} [again] called where there is more to say
 * @returns {string[]}
 */
export function headlineOf(run, now, again) {
  const { usage } = run;
  const over = isOver(run);
  const output = (usage?.output_tokens ?? 0) + Math.round(run.uncountedCharacters / CHARACTERS_PER_TOKEN);
  const count = over && usage ? usage.total_tokens ?? 0 : (usage?.input_tokens ?? 0) + output;
  const about = usage?.estimated || run.uncountedCharacters > 0 ? 'about ' : '';
  return [
    over ? run.durationMs > 0 && duration(run.durationMs) : run.startedAt && wholeSeconds(now - run.startedAt - waitedFor(run, now)),
    count > 0 && `${about}${counted(count, 'token', 'tokens')}`,
    costWords(usage?.cost, again),
  ].filter(Boolean);
}

/** @param {Run} run that is over @returns {string[]} */
export function figuresOf(run) {
  const { usage } = run;
  const waited = waitedFor(run, run.finishedAt ?? 0);
  return [
    run.durationMs > 0 && duration(run.durationMs),
    waited >= 1 && `waited ${duration(waited * 1000)} for a person`,
    firstToken(run),
    usage?.total_tokens > 0 && tokens(usage),
    usage?.tokens_per_second > 0 && `${rate(usage.tokens_per_second)} tokens/s`,
    calls(run),
    run.model,
  ].filter(Boolean);
}

/**
 * What has streamed since the last reply was counted is estimated by its length.
 * @param {Run} run under way
 * @param {number} now Unix seconds
 * @returns {string[]}
 */
export function liveFiguresOf(run, now) {
  if (run.status === 'queued') {
    return [];
  }

  const { usage } = run;
  const out = (usage?.output_tokens ?? 0) + Math.round(run.uncountedCharacters / CHARACTERS_PER_TOKEN);
  const about = run.uncountedCharacters > 0 || usage?.estimated ? 'about ' : '';
  return [
    run.startedAt && wholeSeconds(now - run.startedAt - waitedFor(run, now)),
    firstToken(run),
    usage && `${usage.estimated ? 'about ' : ''}${counted(usage.input_tokens ?? 0, 'token', 'tokens')} in`,
    out > 0 && `${about}${counted(out, 'token', 'tokens')} out`,
    calls(run),
  ].filter(Boolean);
}

// Before the first reply is counted, it is what this page saw.
function firstToken({ usage, startedAt, steps }) {
  const [first] = steps.values();
  const ms = usage?.time_to_first_token_ms ?? (startedAt && first?.startedAt ? (first.startedAt - startedAt) * 1000 : undefined);
  return ms >= 0 && `first token after ${duration(ms)}`;
}

function calls(run) {
  const made = toolCalls(run);
  return made > 0 && counted(made, 'tool call', 'tool calls');
}

function rate(perSecond) {
  return perSecond < 10 ? perSecond.toFixed(1) : grouped(Math.round(perSecond));
}

// A run's own time stands still while a person is asked.
function waitedFor({ waits }, now) {
  return waits.reduce((sum, { from, to }) => sum + Math.max((to ?? now) - from, 0), 0);
}

function wholeSeconds(seconds) {
  const whole = Math.max(Math.floor(seconds), 0);
  return whole < 60 ? `${whole} s` : duration(whole * 1000);
}
