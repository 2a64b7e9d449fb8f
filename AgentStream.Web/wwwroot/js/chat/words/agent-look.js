/** The sign and the colour of an agent follow from its name: the same everywhere, for agents that nobody has heard of, too. */

// As many as theme.css has.
const COLOURS = 8;

/** @param {string} name @returns {string} the class that has its colour */
export function agentClass(name) {
  let sum = 7;
  for (const letter of name) {
    sum = (sum * 31 + letter.codePointAt(0)) % 65_521;
  }

  return `agent-${sum % COLOURS}`;
}

/** @param {string} name @returns {string} two letters */
export function agentLetters(name) {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const [first = '?', second = ''] = words.length > 1 ? words.map((word) => [...word][0]) : [...(words[0] ?? '')];
  return first.toUpperCase() + (words.length > 1 ? second.toUpperCase() : second);
}
