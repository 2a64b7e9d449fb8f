/**
 * A phone that was asleep, a laptop that was closed, a page from the back/forward cache: what is open does not wait for its next attempt.
 * @param {{ list: import('../sessions/session-list.js').SessionList, sessions: import('../sessions/open-sessions.js').OpenSessions }} on
 */
export function listenToBrowser({ list, sessions }) {
  window.addEventListener('online', () => sessions.current.wakeUp());
  window.addEventListener('offline', () => sessions.current.doubt());
  window.addEventListener('pageshow', (event) => event.persisted && sessions.current.wakeUp());
  window.addEventListener('storage', (event) => sessions.current.storageChanged(event.key));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') {
      sessions.current.wakeUp();
      list.poke();
    }
  });
}
