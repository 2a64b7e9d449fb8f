/** What a line of Markdown begins, looked at alone: the same questions for the splitter and for the renderer. */

const FENCE = /^( {0,3})(`{3,}|~{3,})[ \t]*([^\n]*)$/;
const ITEM = /^( {0,3})([-*+]|(\d{1,9})[.)])([ \t]+|$)/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const DELIMITER_ROW = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** @param {string} line */
export const isBlank = (line) => line.trim() === '';

/** @param {string} line @returns {{ indent: number, mark: string, info: string } | null} */
export function fenceOf(line) {
  const found = FENCE.exec(line);
  // With backticks in it, it is code within a line.
  return found && !(found[2][0] === '`' && found[3].includes('`'))
    ? { indent: found[1].length, mark: found[2], info: found[3].trim() }
    : null;
}

/** @param {string} line @param {string} mark the one that opened the fence */
export function closesFence(line, mark) {
  const text = line.trim();
  return text.length >= mark.length && [...text].every((char) => char === mark[0]) && indentOf(line) < 4;
}

/** @param {string} line @returns {{ level: number, text: string } | null} */
export function headingOf(line) {
  const found = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/.exec(line);
  return found ? { level: found[1].length, text: (found[2] ?? '').replace(/(?:^|[ \t]+)#+[ \t]*$/, '').trim() } : null;
}

/** @param {string} line @returns {{ ordered: boolean, kind: string, start: number, width: number, empty: boolean } | null} */
export function itemOf(line) {
  const found = ITEM.exec(line);
  if (!found || RULE.test(line)) {
    return null;
  }

  const marker = found[1].length + found[2].length;
  const empty = found[0].length === line.length;
  const gap = empty || found[4].length > 4 ? 1 : found[4].length;
  return { ordered: found[3] !== undefined, kind: found[2].at(-1), start: Number(found[3] ?? 0), width: marker + gap, empty };
}

/** @param {string} line */
export const isRule = (line) => RULE.test(line);

/** @param {string} line */
export const isQuote = (line) => /^ {0,3}>/.test(line);

/** @param {string} line */
export const isRow = (line) => /^ {0,3}\|/.test(line);

/** @param {string} line */
export const isDelimiterRow = (line) => line.includes('-') && DELIMITER_ROW.test(line);

/** @param {string} line the level of the heading that the line makes of the paragraph above it, or 0 */
export function underlineOf(line) {
  return /^ {0,3}=+[ \t]*$/.test(line) ? 1 : /^ {0,3}-+[ \t]*$/.test(line) ? 2 : 0;
}

/** @param {string} line */
export function indentOf(line) {
  let columns = 0;
  for (const char of line) {
    if (char === ' ') {
      columns += 1;
    } else if (char === '\t') {
      columns += 4 - (columns % 4);
    } else {
      break;
    }
  }

  return columns;
}

/** Takes up to so many columns of white space off a line's beginning. @param {string} line @param {number} columns */
export function outdented(line, columns) {
  let taken = 0;
  let at = 0;
  while (at < line.length && taken < columns && (line[at] === ' ' || line[at] === '\t')) {
    taken += line[at] === '\t' ? 4 - (taken % 4) : 1;
    at += 1;
  }

  return ' '.repeat(Math.max(taken - columns, 0)) + line.slice(at);
}

/** Whether the line ends a paragraph that stands above it. @param {string} line */
export function interruptsParagraph(line) {
  const item = itemOf(line);
  return headingOf(line) !== null || fenceOf(line) !== null || isRule(line) || isQuote(line) || isRow(line)
    || (item !== null && !item.empty && (!item.ordered || item.start === 1));
}
