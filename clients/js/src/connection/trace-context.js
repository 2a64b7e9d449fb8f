import { newId } from '../ids.js';

/**
 * Begins a trace, so that what the click starts in all services has one id from the click on.
 * @returns {string} W3C trace context: `00-{trace id}-{span id}-01`, random ids
 *   (Trace Context forbids only those that are all zeros), asking to be recorded
 */
export function newTraceparent() {
  return `00-${newId()}-${newId().slice(0, 16)}-01`;
}
