const MOMENT = /^#t=(\d{1,9}(?:\.\d{1,3})?)(?:&run=([A-Za-z0-9_-]{1,128}))?$/;

/**
 * The moment that an address names: `#t=12.3`, seconds of the newest run, or `#t=12.3&run=…`.
 * @param {string} hash
 * @returns {{ at: number, runId: string | null } | null}
 */
export function momentOfAddress(hash) {
  const [, at, runId] = MOMENT.exec(hash) ?? [];
  return at === undefined ? null : { at: Number(at), runId: runId ?? null };
}

/**
 * @param {number} at seconds
 * @param {string | null} runId null: the newest one
 * @returns {string}
 */
export function addressOfMoment(at, runId) {
  return `#t=${at.toFixed(1)}${runId === null ? '' : `&run=${runId}`}`;
}
