/** What an approval says of its time and of its end, and whether edited arguments can be sent. No page, no clock. */

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

  for (const [mark, words] of [[0, 'Time for the approval is up.'], [10, '10 seconds left to approve.'], [60, 'One minute left to approve.']]) {
    if (before > mark && now <= mark) {
      return words;
    }
  }

  return '';
}

/** Whoever was at a page and not signed in: no name to tell. */
const SOMEBODY = 'client';

/**
 * What became of a question, in words.
 * @param {import('./types.js').Decision} decision
 * @returns {{ sign: string, words: string }}
 */
export function decisionWords({ approved, by, edited, expired, reason }) {
  if (expired) {
    return { sign: '⏱', words: 'Nobody answered in time' };
  }

  const who = by && by !== SOMEBODY && by !== 'interrupt' ? ` by ${by}` : '';
  return approved
    ? { sign: '✓', words: `Approved${who}${edited ? ', with arguments that were changed' : ''}` }
    : { sign: '✕', words: `Refused${who}${reason ? `: ${reason}` : ''}` };
}

/**
 * @param {string} text what stands in the editor
 * @param {unknown} original the arguments as the model wrote them
 * @returns {{ problem: string } | { arguments?: object }} `arguments` is missing where nothing was changed
 */
export function readArguments(text, original) {
  if (typeof original === 'string' && text === original) {
    return {};
  }

  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `This is no valid JSON yet${lineOf(error, text)}.` };
  }

  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return { problem: 'Arguments are an object: { "name": value }.' };
  }

  return sameJson(value, original) ? {} : { arguments: value };
}

// What engines add to their message differs; where there is a position, people get its line.
function lineOf(error, text) {
  const line = /line (\d+)/.exec(error.message)?.[1];
  if (line) {
    return `, see line ${line}`;
  }

  const position = /position (\d+)/.exec(error.message)?.[1];
  return position ? `, see line ${text.slice(0, Number(position)).split('\n').length}` : '';
}

function sameJson(a, b) {
  return canonical(a) === canonical(b);
}

function canonical(value) {
  return JSON.stringify(value, (_, part) =>
    part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1))) : part);
}
