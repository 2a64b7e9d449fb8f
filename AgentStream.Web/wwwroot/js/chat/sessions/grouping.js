/** @import { SessionEntry } from './session-list.js' */

const DAY_MS = 86_400_000;
const DAYS_WITH_A_NAME = 7;
const DAYS_ONE_BY_ONE = 31;

/**
 * Sessions by the day of their last change, as people call these days.
 * @param {SessionEntry[]} sessions the latest changed first
 * @param {number} now milliseconds
 * @param {string} [locale]
 * @returns {{ key: string, label: string, sessions: SessionEntry[] }[]}
 */
export function groupByDay(sessions, now, locale = 'en') {
  const groups = [];
  for (const session of sessions) {
    const { key, label } = dayOf(session.updated_at * 1000, now, locale);
    let group = groups.at(-1);
    if (group?.key !== key) {
      group = { key, label, sessions: [] };
      groups.push(group);
    }

    group.sessions.push(session);
  }

  return groups;
}

function dayOf(moment, now, locale) {
  const date = new Date(moment);
  // Rounded: the days on which clocks change have 23 and 25 hours.
  const ago = Math.round((startOfDay(now) - startOfDay(moment)) / DAY_MS);
  if (ago <= 0) {
    return { key: 'today', label: 'Today' };
  }

  if (ago === 1) {
    return { key: 'yesterday', label: 'Yesterday' };
  }

  if (ago < DAYS_WITH_A_NAME) {
    return { key: `day-${ago}`, label: format(date, locale, { weekday: 'long' }) };
  }

  const year = date.getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  if (ago < DAYS_ONE_BY_ONE) {
    return { key: `day-${ago}`, label: format(date, locale, { day: 'numeric', month: 'long', year }) };
  }

  return { key: `${date.getFullYear()}-${date.getMonth()}`, label: format(date, locale, { month: 'long', year: 'numeric' }) };
}

function format(date, locale, options) {
  return new Intl.DateTimeFormat(locale, options).format(date);
}

function startOfDay(moment) {
  return new Date(moment).setHours(0, 0, 0, 0);
}
