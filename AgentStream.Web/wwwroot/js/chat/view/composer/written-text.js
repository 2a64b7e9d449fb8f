/**
 * A message as it is sent: the empty lines around it go, and the white space after it.
 * What stands before its first line stays: it may be code.
 * @param {string} text
 * @returns {string}
 */
export function writtenText(text) {
  return text.trimEnd().replace(/^(?:[^\S\n]*\n)+/, '');
}
