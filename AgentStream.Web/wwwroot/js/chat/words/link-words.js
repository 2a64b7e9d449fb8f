const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** @param {{ created_at: number }} link times in Unix seconds */
export function madeWords({ created_at: at }) {
  return `Made ${momentOf(at)}`;
}

/** @param {{ expires_at?: number }} link */
export function endsWords({ expires_at: at }) {
  return at === undefined ? 'does not end by itself' : `ends ${momentOf(at)}`;
}

function momentOf(seconds) {
  return MOMENT.format(new Date(seconds * 1000));
}
