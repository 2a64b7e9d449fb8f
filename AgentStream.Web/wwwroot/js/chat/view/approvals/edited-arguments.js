/** Whether the arguments of a call, as a person has edited them, can be sent. */

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
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
      : part);
}
