/** What an approval says of its time and of its end. No page, no clock. */

/**
 * @param {number | undefined} expiresAt Unix seconds, by the server's clock
 * @param {number} now milliseconds, by the server's clock
 * @returns {number | null} whole seconds, 0 when it is over; null: it waits for ever
 */
export function secondsLeft(expiresAt, now) {
  return typeof expiresAt === 'number' ? Math.max(0, Math.ceil(expiresAt - now / 1000)) : null;
}

/** @param {number | null} seconds @returns {string} */
export function timeLeftWords(seconds) {
  if (seconds === null) {
    return '';
  }

  if (seconds === 0) {
    return 'Time is up';
  }

  if (seconds < 60) {
    return `${seconds} s left`;
  }

  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

/**
 * The moments at which a screen reader is told: seldom.
 * @param {number | null} before seconds left when it was last looked at
 * @param {number | null} now seconds left
 * @returns {string} empty: nothing to tell
 */
export function timeLeftAnnouncement(before, now) {
  if (before === null || now === null) {
    return '';
  }

  for (const [
    mark, words,
  ] of [[0, 'Time for the approval is up.'], [10, '10 seconds left to approve.'], [60, 'One minute left to approve.']]) {
    if (before > mark && now <= mark) {
      return words;
    }
  }

  return '';
}

/**
 * Whether a question is about money and not about a tool.
 * @param {{ tool_name?: string, arguments?: any }} approval
 * @returns {{ amount: number, spent: number } | null} how much more the run wants to cost, and what it has cost
 */
export function spendingOf({ tool_name: name, arguments: asked }) {
  return name === 'spend_more' && typeof asked?.amount === 'number' ? { amount: asked.amount, spent: Number(asked.spent) } : null;
}

/** Whoever was at a page and not signed in: no name to tell. */
const SOMEBODY = 'client';

/**
 * What became of a question, in words.
 * @param {import('../../../client/types.js').Decision} decision
 * @returns {{ sign: string, words: string }}
 */
export function decisionWords({ approved, by, edited, expired, reason, client_tool: isCallers }) {
  if (expired) {
    return { sign: '⏱', words: 'Nobody answered in time' };
  }

  const who = by && by !== SOMEBODY && by !== 'interrupt' ? ` by ${by}` : '';
  if (approved && isCallers) {
    return { sign: '✓', words: `Executed${who || ' by the program that asked'}` };
  }

  return approved
    ? { sign: '✓', words: `Approved${who}${edited ? ', with arguments that were changed' : ''}` }
    : { sign: '✕', words: `Refused${who}${reason ? `: ${reason}` : ''}` };
}
