/** @import { Run } from '../../../client/types.js' */

const NEWS = { completed: '✓ ', failed: '✕ ', cancelled: '' };

/** The title of the browser's tab: what goes on stands before it, and what came to its end while nobody looked. */
export class PageTitle {
  #words = '';
  #active = null;
  #news = '';

  constructor() {
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) {
        this.#news = '';
        this.#show();
      }
    });
  }

  /**
   * @param {string} words
   * @param {Run | null} active the run that goes on
   * @param {(runId: string) => Run | undefined} runOf
   */
  update(words, active, runOf) {
    const ended = this.#active && this.#active !== active?.runId ? runOf(this.#active) : null;
    if (ended && document.hidden) {
      this.#news = NEWS[ended.status] ?? '';
    }

    this.#active = active?.runId ?? null;
    this.#words = words;
    this.#show(active);
  }

  #show(active = null) {
    const sign = active?.status === 'waiting' ? '❓ ' : active ? '● ' : this.#news;
    document.title = `${sign}${this.#words} · AgentStream`;
  }
}
