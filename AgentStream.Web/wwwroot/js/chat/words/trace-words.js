import { counted, duration } from './format.js';
import { kindOf } from './step-kinds.js';

/** @import { AxisRest } from '../timeline/axis.js' */
/** @import { Trace, TraceRow } from '../timeline/trace.js' */

/** @param {TraceRow} row @param {Trace} trace @returns {string} what was done in it */
export function rowName({ stepId, spans }, { delegations, lanes }) {
  const [{ type, toolName, open }] = spans;
  const delegation = delegations.get(stepId);
  const { word, openWord } = kindOf(type);
  return delegation ? lanes[delegation.lane].agentName || toolName : toolName ?? (open ? openWord : word);
}

/** @param {TraceRow} row @returns {number} seconds: those of the work that was asked for, where that is told apart from asking for it */
export function rowTakes({ spans }) {
  const { from, asked, to, kind } = spans.at(-1);
  return to - (kind === 'model' ? asked : from);
}

/** @param {TraceRow} row @returns {boolean} */
export function rowFailed({ spans }) {
  return spans.some(({ isError }) => isError);
}

/** @param {TraceRow} row @param {Trace} trace @returns {string} in one line */
export function rowWords(row, trace) {
  const agent = trace.lanes.length > 1 ? trace.lanes[row.lane].agentName : '';
  const open = row.spans.some((span) => span.open);
  return [agent, rowName(row, trace), `${duration(rowTakes(row) * 1000)}${open ? ' so far' : ''}`, rowFailed(row) && 'failed']
    .filter(Boolean).join(' · ');
}

/** @param {AxisRest} rest @returns {string} */
export function restWords({ kind, from, to, open }) {
  const time = duration((to - from) * 1000);
  return kind === 'lost' ? `worker lost · taken over after ${time}` : `waited ${time} for a person${open ? ' so far' : ''}`;
}

/**
 * @param {Trace} trace
 * @param {{ end: number, rests: AxisRest[] }} axis
 * @returns {string} what a picture of it shows
 */
export function traceWords({ rows, lanes }, { end, rests }) {
  const failed = rows.filter(rowFailed).length;
  const lost = rests.filter(({ kind }) => kind === 'lost').length;
  return [
    `${counted(rows.length, 'step', 'steps')} in ${duration(end * 1000)}`,
    lanes.length > 1 && counted(lanes.length, 'agent', 'agents'),
    failed > 0 && `${failed} failed`,
    rests.length > lost && `waited ${counted(rests.length - lost, 'time', 'times')} for a person`,
    lost > 0 && `${counted(lost, 'worker', 'workers')} lost`,
  ].filter(Boolean).join(', ');
}
