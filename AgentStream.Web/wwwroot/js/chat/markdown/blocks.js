import { inline } from './inlines/inline.js';
import {
  closesFence, fenceOf, headingOf, indentOf, interruptsParagraph, isBlank, isDelimiterRow, isQuote, isRow, isRule, itemOf, outdented,
  underlineOf,
} from './lines.js';
import { mask, unmask } from './mathematics.js';

/** @import { Node } from './tree.js' */

const MAX_DEPTH = 12;

// What a line may begin with while nobody knows yet what it will be.
const UNDECIDED = /^ {0,3}(?:#{1,6}|[-*+=_~`|:> \t]+|\d{1,9}[.)]?)[ \t]*$/;

/**
 * One block of Markdown (or a few), read here: what is still open, and what the server has not read or can't.
 * @param {string} source
 * @param {boolean} [open] the text may go on
 * @returns {Node[]}
 */
export function renderBlocks(source, open = false) {
  const { text, written } = mask(source, open);
  const lines = text.split('\n');
  if (open && UNDECIDED.test(lines.at(-1))) {
    // In a table it is the row of dashes, or a row's first bar; there an empty line would end it.
    lines[lines.length - 1] = '';
  }

  return unmask(blocks(lines, open, 0), written);
}

function blocks(lines, open, depth) {
  const nodes = [];
  let at = 0;
  while (at < lines.length) {
    if (isBlank(lines[at])) {
      at += 1;
      continue;
    }

    const { node, end } = block(lines, at, open, depth);
    nodes.push(node);
    at = end;
  }

  return nodes;
}

function block(lines, at, open, depth) {
  const line = lines[at];
  const fence = fenceOf(line);
  if (fence) {
    return code(lines, at, fence, open);
  }

  const heading = headingOf(line);
  if (heading) {
    const last = open && at === lines.length - 1;
    const text = last ? heading.text.replace(/[ \t]*#+$/, '') : heading.text;
    return { node: { t: `h${heading.level}`, c: inline(text, last) }, end: at + 1 };
  }

  if (isRule(line)) {
    return { node: { t: 'hr' }, end: at + 1 };
  }

  if (indentOf(line) >= 4) {
    return indented(lines, at);
  }

  if (depth < MAX_DEPTH && isQuote(line)) {
    return quote(lines, at, open, depth);
  }

  if (depth < MAX_DEPTH && itemOf(line)) {
    return list(lines, at, open, depth);
  }

  const isTable = (isRow(line) || line.includes('|')) && isDelimiterRow(lines[at + 1] ?? '');
  const mayBeTable = open && isRow(line) && (at === lines.length - 1 || (at === lines.length - 2 && /^[ \t|:-]*$/.test(lines[at + 1])));
  return isTable || mayBeTable ? table(lines, at, open) : paragraph(lines, at, open);
}

function code(lines, at, { mark, indent, info }, open) {
  let end = at + 1;
  while (end < lines.length && !closesFence(lines[end], mark)) {
    end += 1;
  }

  let body = lines.slice(at + 1, end).map((line) => outdented(line, indent));
  if (open && end === lines.length && /^[ \t]*[`~]*$/.test(body.at(-1) ?? '')) {
    body = body.slice(0, -1);
  }

  const lastIsInfo = open && at === lines.length - 1;
  return { node: codeBlock(lastIsInfo ? '' : info, body), end: end + 1 };
}

function codeBlock(info, lines) {
  const lang = languageOf(info);
  return { t: 'pre', a: { ...(lang ? { lang } : {}), text: lines.length > 0 ? `${lines.join('\n')}\n` : '' } };
}

/** @param {string} info what follows the opening fence @returns {string} */
export function languageOf(info) {
  return /^[\w+#.-]{1,30}/.exec(info)?.[0].toLowerCase() ?? '';
}

function indented(lines, at) {
  let end = at;
  let last = at;
  while (end < lines.length && (isBlank(lines[end]) || indentOf(lines[end]) >= 4)) {
    last = isBlank(lines[end]) ? last : end;
    end += 1;
  }

  return { node: codeBlock('', lines.slice(at, last + 1).map((line) => outdented(line, 4))), end };
}

function quote(lines, at, open, depth) {
  const inner = [];
  let end = at;
  while (end < lines.length && (isQuote(lines[end]) || !(isBlank(lines[end]) || interruptsParagraph(lines[end])))) {
    inner.push(lines[end].replace(/^ {0,3}> ?/, ''));
    end += 1;
  }

  const last = open && end === lines.length;
  if (last && UNDECIDED.test(inner.at(-1))) {
    inner[inner.length - 1] = '';
  }

  return { node: { t: 'blockquote', c: blocks(inner, last, depth + 1) }, end };
}

function list(lines, at, open, depth) {
  const first = itemOf(lines[at]);
  const items = [];
  let loose = false;
  let blankBefore = false;
  let end = at;
  while (end < lines.length) {
    const line = lines[end];
    const item = items.at(-1);
    if (isBlank(line)) {
      blankBefore = true;
      item?.lines.push('');
      end += 1;
      continue;
    }

    if (item && indentOf(line) >= item.width) {
      const inner = outdented(line, item.width);
      loose ||= blankBefore && !item.fence;
      item.fence = item.fence ? (closesFence(inner, item.fence) ? null : item.fence) : (fenceOf(inner)?.mark ?? null);
      item.lines.push(inner);
    } else {
      const next = itemOf(line);
      if (next && next.kind === first.kind && next.ordered === first.ordered && indentOf(line) < 4) {
        loose ||= blankBefore && items.length > 0;
        const rest = line.slice(Math.min(next.width, line.length));
        items.push({ width: next.width, lines: [rest], fence: fenceOf(rest)?.mark ?? null });
      } else if (blankBefore || interruptsParagraph(line)) {
        break;
      } else {
        item.lines.push(line.trimStart());
      }
    }

    blankBefore = false;
    end += 1;
  }

  const attributes = first.ordered && first.start !== 1 ? { a: { start: first.start } } : {};
  const children = items.map(
    (item, index) => listItem(item.lines, open && end === lines.length && index === items.length - 1, loose, depth));
  return { node: { t: first.ordered ? 'ol' : 'ul', ...attributes, c: children }, end };
}

function listItem(lines, open, loose, depth) {
  const task = /^\[([ xX])\][ \t]+(?=\S)/.exec(lines[0]);
  if (task) {
    lines[0] = lines[0].slice(task[0].length);
  } else if (open && lines.length === 1 && /^\[(?:[ xX]\]?[ \t]*)?$/.test(lines[0])) {
    lines[0] = '';
  }

  if (open && UNDECIDED.test(lines.at(-1))) {
    lines[lines.length - 1] = '';
  }

  const inner = blocks(lines, open, depth + 1);
  const children = loose ? inner : inner.flatMap((node) => (node.t === 'p' ? node.c : [node]));
  if (!task) {
    return { t: 'li', c: children };
  }

  const check = { t: 'check', a: { checked: task[1] !== ' ' } };
  const checked = ([first, ...rest]) => (typeof first === 'string'
    ? [check, ` ${first}`, ...rest]
    : [check, ' ', ...(first ? [first] : []), ...rest]);
  return loose && children[0]?.t === 'p'
    ? { t: 'li', c: [{ t: 'p', c: checked(children[0].c) }, ...children.slice(1)] }
    : { t: 'li', c: checked(children) };
}

function table(lines, at, open) {
  let end = at + 1;
  while (end < lines.length && !isBlank(lines[end]) && (isRow(lines[end]) || !interruptsParagraph(lines[end]))) {
    end += 1;
  }

  // The row under the heading is not shown, be it whole or not.
  const aligns = cellsOf(lines[at + 1] ?? '').map((cell) => alignOf(cell));
  const isLast = (index) => open && index === lines.length - 1;
  const heading = cellsOf(lines[at]);
  const columns = heading.length;
  const row = (cells, tag, growing) => ({
    t: 'tr',
    c: Array.from({ length: columns }, (_, index) => ({
      t: tag,
      ...(aligns[index] ? { a: { align: aligns[index] } } : {}),
      c: inline((cells[index] ?? '').trim(), growing && index === Math.min(cells.length, columns) - 1, { inCell: true }),
    })),
  });
  const rows = lines.slice(at + 2, end).map((line, index) => row(cellsOf(line), 'td', isLast(at + 2 + index)));
  return {
    node: {
      t: 'table',
      c: [{ t: 'thead', c: [row(heading, 'th', isLast(at))] }, ...(rows.length > 0 ? [{ t: 'tbody', c: rows }] : [])],
    },
    end,
  };
}

function cellsOf(line) {
  const text = line.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '');
  const cells = [''];
  let ticks = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\' && text[at + 1] === '|') {
      cells[cells.length - 1] += '|';
      at += 1;
    } else if (char === '|' && ticks % 2 === 0) {
      cells.push('');
    } else {
      ticks += char === '`' && text.indexOf('`', at + 1) + ticks % 2 > 0 ? 1 : 0;
      cells[cells.length - 1] += char;
    }
  }

  return cells;
}

function alignOf(cell) {
  const text = cell.trim();
  const left = text.startsWith(':');
  const right = text.endsWith(':') && text.length > 1;
  return left && right ? 'center' : right ? 'right' : left ? 'left' : undefined;
}

function paragraph(lines, at, open) {
  let end = at + 1;
  let level = 0;
  while (end < lines.length && !isBlank(lines[end])) {
    level = underlineOf(lines[end]);
    if (level > 0 || interruptsParagraph(lines[end])) {
      break;
    }

    end += 1;
  }

  const text = lines.slice(at, end).map((line) => line.trimStart()).join('\n');
  // An undecided last line was taken away, and its place says that the text goes on.
  const goesOn = open && (end === lines.length || (end === lines.length - 1 && lines[end] === ''));
  const nodes = inline(goesOn && end === lines.length ? text : text.trimEnd(), goesOn);
  return level > 0 && end < lines.length
    ? { node: { t: `h${level}`, c: nodes }, end: end + 1 }
    : { node: { t: 'p', c: nodes }, end };
}
