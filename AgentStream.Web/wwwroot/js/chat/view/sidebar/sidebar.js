import { groupByDay } from '../../sessions/grouping.js';
import { button, make, setText } from '../elements/dom.js';
import { isPlainClick, SessionRow } from './session-row.js';

/** @import { SessionList } from '../../sessions/session-list.js' */

const SEARCH_PAUSE_MS = 200;

/**
 * The list of sessions by day, with its search. Rows are kept and moved, so that neither focus nor a title that is being edited is lost.
 */
export class Sidebar {
  #nav;
  #search;
  #list;
  #actions;
  /** @type {Map<string, SessionRow>} */
  #rows = new Map();
  /** @type {Map<string, { element: HTMLElement, heading: HTMLElement, items: HTMLElement }>} */
  #groups = new Map();
  #note = make('p', { class: 'sessions-note', hidden: true, role: 'status' });
  #more;
  #currentId = null;
  #searchTimer = null;

  /**
   * @param {{ nav: HTMLElement, search: HTMLInputElement, newChat: HTMLAnchorElement }} parts
   * @param {SessionList} list
   * @param {object} actions
   */
  constructor({ nav, search, newChat }, list, actions) {
    this.#nav = nav;
    this.#search = search;
    this.#list = list;
    this.#actions = actions;
    this.#more = button('Show more', () => list.more(), { class: 'button button-small sessions-more', 'data-testid': 'sessions-more' });
    newChat.addEventListener('click', (event) => {
      if (isPlainClick(event)) {
        event.preventDefault();
        actions.openNew();
      }
    });
    search.addEventListener('input', () => {
      clearTimeout(this.#searchTimer);
      this.#searchTimer = setTimeout(() => list.search(search.value), SEARCH_PAUSE_MS);
    });
    search.addEventListener('keydown', (event) => this.#searchKey(event));
    nav.addEventListener('keydown', (event) => this.#listKey(event));
    nav.append(this.#note, this.#more);
  }

  /** @param {string} sessionId */
  setCurrent(sessionId) {
    this.#currentId = sessionId;
    this.render();
    this.#rows.get(sessionId)?.element.scrollIntoView({ block: 'nearest' });
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  /** @param {1 | -1} step @returns {string | null} the session beside the current one */
  beside(step) {
    const ids = this.#list.entries.map(({ session_id: id }) => id);
    const at = ids.indexOf(this.#currentId);
    return (at < 0 ? ids[step > 0 ? 0 : ids.length - 1] : ids[at + step]) ?? null;
  }

  render() {
    const entries = this.#list.entries;
    const groups = groupByDay(entries, Date.now());
    this.#dropMissing(entries, groups);
    let before = this.#nav.firstChild;
    for (const group of groups) {
      const view = this.#groupOf(group);
      this.#fill(view.items, group.sessions);
      if (view.element !== before) {
        this.#nav.insertBefore(view.element, before);
      } else {
        before = before.nextSibling;
      }
    }

    this.#more.hidden = !this.#list.hasMore;
    this.#showNote(entries.length);
  }

  #fill(items, sessions) {
    let before = items.firstChild;
    for (const session of sessions) {
      const row = this.#rowOf(session.session_id);
      row.update(session, session.session_id === this.#currentId);
      if (row.element !== before) {
        items.insertBefore(row.element, before);
      } else {
        before = before.nextSibling;
      }
    }
  }

  // The one below, or above: whoever deletes by keyboard goes on from there.
  #leave(row) {
    const links = [...this.#nav.querySelectorAll('.session-row-link')];
    const at = links.findIndex((link) => row.element.contains(link));
    (links[at + 1] ?? links[at - 1] ?? this.#search).focus();
  }

  #dropMissing(entries, groups) {
    const ids = new Set(entries.map(({ session_id: id }) => id));
    for (const [id, row] of this.#rows) {
      if (!ids.has(id)) {
        if (row.element.contains(document.activeElement)) {
          this.#leave(row);
        }

        row.element.remove();
        this.#rows.delete(id);
      }
    }

    const keys = new Set(groups.map(({ key }) => key));
    for (const [key, { element }] of this.#groups) {
      if (!keys.has(key)) {
        element.remove();
        this.#groups.delete(key);
      }
    }
  }

  #rowOf(sessionId) {
    let row = this.#rows.get(sessionId);
    if (!row) {
      row = new SessionRow(sessionId, this.#actions);
      this.#rows.set(sessionId, row);
    }

    return row;
  }

  #groupOf({ key, label }) {
    let group = this.#groups.get(key);
    if (!group) {
      const heading = make('h2', { class: 'sessions-day', id: `sessions-${key}` }, label);
      const items = make('ul', { class: 'sessions-items', 'aria-labelledby': `sessions-${key}` });
      group = { heading, items, element: make('section', { class: 'sessions-group', 'data-testid': 'session-group' }, heading, items) };
      this.#groups.set(key, group);
    }

    setText(group.heading, label);
    return group;
  }

  #showNote(count) {
    const words = count > 0 ? '' : noteOf(this.#list);
    this.#note.hidden = words === '';
    setText(this.#note, words);
  }

  #searchKey(event) {
    if (event.key === 'Escape' && this.#search.value) {
      event.preventDefault();
      event.stopPropagation();
      this.#search.value = '';
      this.#list.search('');
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      this.#nav.querySelector('.session-row-link')?.focus();
    }
  }

  #listKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...this.#nav.querySelectorAll('.session-row-link')];
    const at = links.indexOf(event.target);
    if (step && at >= 0) {
      event.preventDefault();
      (links[at + step] ?? (step < 0 ? this.#search : links[at])).focus();
    }
  }
}

function noteOf(list) {
  if (list.status === 'loading') {
    return 'Loading';
  }

  if (list.status === 'failed') {
    return 'The list of sessions could not be loaded. It is tried again.';
  }

  return list.query ? 'No session has this in its title.' : 'No sessions yet. What you ask appears here.';
}
