/**
 * An id that nobody else makes. (`crypto.randomUUID` exists only on https and localhost; the page may be served elsewhere.)
 * @returns {string} 32 hexadecimal digits
 */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
