import { KeptMap } from '../browser/kept-map.js';
import { readOnServer } from '../markdown/read-on-server.js';
import { ChangeSet } from '../state/store.js';
import { Conversation } from '../view/conversation/conversation.js';
import { Scroll } from '../view/conversation/scroll.js';
import { Skeleton } from '../view/conversation/skeleton.js';
import { setText } from '../view/elements/dom.js';
import { showIcons } from '../view/elements/icon.js';
import { Announcer } from '../view/shell/announcer.js';
import { ConnectionView } from '../view/shell/connection-state.js';
import { LookSwitch } from '../view/shell/look-switch.js';
import { Notices } from '../view/shell/notices.js';
import { PageTitle } from '../view/shell/page-title.js';
import { SessionTools } from '../view/shell/session-tools.js';

/** @import { ConnectionState, State } from '../../client/types.js' */
/** @import { ChatSession } from '../sessions/session.js' */

const MOST_FOLDS = 300;

/** One session, for whoever has a link to it: the conversation as it goes on, and nothing to write with. */
export class SharedPage {
  #link;
  /** @type {ChatSession | null} */
  #session = null;
  #list;
  #conversation = null;
  #title;
  #earlier;
  #note;
  #over;
  #skeleton;
  #scroll;
  #notices;
  #announcer;
  #connection;
  #tools;
  #kept;
  #tabTitle = new PageTitle();

  /**
   * @param {object} on
   * @param {HTMLElement} on.root
   * @param {Storage | null} on.storage
   * @param {Storage | null} on.tabStorage
   * @param {import('../access/shared-link.js').SharedLink | null} on.link null: there is none, and nothing to be seen
   */
  constructor({ root, storage, tabStorage, link }) {
    this.#link = link;
    const part = (id) => document.getElementById(id);
    this.#kept = { folds: new KeptMap(tabStorage, 'agentstream.folds', MOST_FOLDS), cards: new Map() };
    showIcons(root);
    this.#list = part('conversation');
    this.#title = part('session-title');
    this.#note = part('shared-note');
    this.#over = part('shared-ended');
    this.#skeleton = new Skeleton(part('skeleton'), part('skeleton-words'));
    this.#scroll = new Scroll(part('jump'));
    this.#scroll.onBeginning(() => this.#loadEarlier());
    this.#earlier = part('earlier');
    this.#earlier.addEventListener('click', () => this.#loadEarlier());
    this.#announcer = new Announcer(part('announcements'), root, { asks: false });
    this.#notices = new Notices(part('notices'), { dismiss: (id) => this.#session?.dismiss(id) });
    this.#tools = new SessionTools(part('session-tools'), { text: () => this.#conversation.text() });
    this.#connection = new ConnectionView({ box: part('connection'), words: part('connection-words'), now: part('reconnect-now') }, {
      reconnectNow: () => this.#session?.reconnectNow(),
      announce: (text) => this.#announcer.say(text),
      onChange: () => {},
    });
    part('connection').hidden = link === null;
    new LookSwitch({ button: part('look'), list: this.#list }, { storage, changed: () => this.#showAnew() });
  }

  /** @param {ChatSession} session @param {import('../sessions/api.js').Api} api */
  enter(session, api) {
    this.#session = session;
    this.#tools.enter(api, session.sessionId);
    this.#scroll.follow();
    this.#showAnew();
    session.enter(this);
  }

  /** There is nothing to be seen here, or not any more. What is on the page stays: it was shown. */
  showOver() {
    this.#over.hidden = false;
    this.#note.hidden = true;
    this.#skeleton.show(false);
  }

  /** @param {State} state @param {ChangeSet} changes */
  render(state, changes) {
    if (changes.earlier) {
      this.#scroll.keep(this.#list, () => this.#conversation.render(state, changes));
    } else {
      this.#conversation.render(state, changes);
    }

    this.#tools.update(state.runs.size > 0);
    this.#skeleton.show(!state.ready && this.#over.hidden);
    this.#earlier.hidden = !state.hasMore;
    if (changes.notices || changes.everything) {
      this.#notices.render(state);
    }

    this.#announcer.announce(state, changes);
    this.#showTitle(state);
  }

  /** @param {ConnectionState} connection @param {State} state */
  showConnection(connection, state) {
    this.#connection.show(connection, state);
    this.#skeleton.showConnection(connection);
    if (connection.status === 'refused') {
      this.showOver();
    }
  }

  #showAnew() {
    this.#conversation?.dispose();
    this.#list.replaceChildren();
    this.#conversation = new Conversation(this.#list, { loadEarlier: () => this.#session.loadEarlier() }, {
      traceUrl: '',
      pin: () => this.#scroll.pin(),
      announce: (words) => this.#announcer.say(words),
      kept: this.#kept,
      readOnly: true,
      readBlocks: (blocks) => readOnServer(blocks, this.#link),
    });
    if (this.#session) {
      const everything = new ChangeSet();
      everything.everything = true;
      this.render(this.#session.state, everything);
    }
  }

  // One page at a time, however often the reader comes near the beginning meanwhile.
  async #loadEarlier() {
    if (!this.#earlier.hidden && !this.#earlier.disabled) {
      this.#earlier.disabled = true;
      await this.#session.loadEarlier();
      this.#earlier.disabled = false;
    }
  }

  #showTitle(state) {
    const active = state.activeRun ? state.runs.get(state.activeRun) : null;
    const words = (state.title ?? state.runs.values().next().value?.message) || 'Shared session';
    setText(this.#title, words);
    this.#tabTitle.update(words, active ?? null, (runId) => state.runs.get(runId));
  }
}
