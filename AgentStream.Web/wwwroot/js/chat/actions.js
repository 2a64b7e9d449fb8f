/** @import { OpenSessions } from './sessions/open-sessions.js' */
/** @import { SessionList } from './sessions/session-list.js' */
/** @import { Router } from './navigation/router.js' */
/** @import { Tabs } from './sessions/tabs.js' */

/**
 * What a person can do on this page, for all its parts.
 * @param {object} on
 * @param {Router} on.router
 * @param {Tabs} on.tabs
 * @param {SessionList} on.list
 * @param {OpenSessions} on.sessions
 * @param {{ ask: (sentence: string) => Promise<boolean> }} on.confirm
 */
export function actionsOn({ router, tabs, list, sessions, confirm }) {
  const current = () => sessions.current;

  /** It is deleted, here or in another tab. @param {string} sessionId */
  function forget(sessionId) {
    const wasOpen = current()?.sessionId === sessionId;
    list.forget(sessionId);
    sessions.forget(sessionId);
    if (wasOpen) {
      router.replaceWithNew();
    }
  }

  return {
    open: (sessionId) => router.open(sessionId),
    addressOf: (sessionId) => router.addressOf(sessionId),
    openNew() {
      const { runs, pending } = current().state;
      // A page on which nothing was said is a new chat already.
      if (runs.size > 0 || pending.size > 0) {
        router.openNew();
      }
    },
    async rename(sessionId, title) {
      if (await list.rename(sessionId, title)) {
        tabs.tell({ type: 'changed' });
      } else {
        current().notify('rename', 'The session could not be renamed. Please try again.');
      }
    },
    async remove(sessionId) {
      const title = list.get(sessionId)?.title;
      const what = title ? `“${title}”` : 'This session';
      if (!await confirm.ask(`${what} and everything in it will be gone, for everybody who has its link. This can't be undone.`)) {
        return;
      }

      if (await list.remove(sessionId)) {
        tabs.tell({ type: 'deleted', sessionId });
        forget(sessionId);
      } else {
        current().notify('delete', 'The session could not be deleted. Please try again.');
      }
    },
    forget,
    reconnectNow: () => current().reconnectNow(),
    send: (payload) => current().send(payload),
    cancel: (runId) => current().cancel(runId),
    answerApproval: (runId, toolCallId, answer) => current().answerApproval(runId, toolCallId, answer),
    discard: (messageId) => current().discard(messageId),
    dismiss: (id) => current().dismiss(id),
    loadEarlier: () => current().loadEarlier(),
  };
}
