import { Drafts } from './drafts.js';
import { KeptMap } from './kept-map.js';
import { AgentPicker } from './view/agent-picker.js';
import { Announcer } from './view/announcer.js';
import { Composer } from './view/composer.js';
import { ConfirmDialog } from './view/confirm-dialog.js';
import { ConnectionDebug } from './view/connection-debug.js';
import { ConnectionView } from './view/connection-state.js';
import { Conversation } from './view/conversation.js';
import { HelpDialog } from './view/help-dialog.js';
import { showIcons } from './view/icon.js';
import { Notices } from './view/notices.js';
import { Queue } from './view/queue.js';
import { QuickPrompts } from './view/quick-prompts.js';
import { ReasoningToggle } from './view/reasoning-toggle.js';
import { RunOptions } from './view/run-options.js';
import { Scroll } from './view/scroll.js';
import { SessionTools } from './view/session-tools.js';
import { Skeleton } from './view/skeleton.js';
import { Drawer } from './view/sidebar/drawer.js';
import { Sidebar } from './view/sidebar/sidebar.js';
import { ThemeSwitch } from './view/theme-switch.js';
import { setText } from './view/dom.js';

/** @import { ConnectionState, State } from './types.js' */
/** @import { ChangeSet } from './store.js' */

const MOST_FOLDS = 300;

/** Puts the parts of the page together. Each part owns its elements; none knows another. */
export class View {
  #actions;
  #list;
  #conversation;
  #conversationActions;
  #title;
  #welcome;
  #earlier;
  #queue;
  #notices;
  #announcer;
  #scroll;
  #classicLink;
  #connection;
  #api;
  #sessionTools;
  #traceUrl;
  #skeleton;
  #isNew = false;
  /** Where the reader is to be led once it is there. */
  #wantedPlace = null;
  /** What outlives a view of a session: how the reader left the steps of runs, and the cards of approvals with what was typed into them. */
  #kept;

  constructor({ root, storage, tabStorage, api, sessions, actions, current }) {
    const part = (id) => document.getElementById(id);
    this.#kept = { folds: new KeptMap(tabStorage, 'agentstream.folds', MOST_FOLDS), cards: new Map() };
    showIcons(root);
    this.#actions = actions;
    this.#list = part('conversation');
    this.#title = part('session-title');
    this.#welcome = part('welcome');
    this.#earlier = part('earlier');
    this.#skeleton = new Skeleton(part('skeleton'), part('skeleton-words'));
    this.#classicLink = part('classic-link');
    this.#earlier.addEventListener('click', () => this.#loadEarlier());
    this.#announcer = new Announcer(part('announcements'), root);
    this.#scroll = new Scroll(part('jump'));
    this.#scroll.onBeginning(() => this.#loadEarlier());
    this.#api = api;
    this.#traceUrl = root.dataset.traceUrl ?? '';
    this.#sessionTools = new SessionTools(part('session-tools'), { text: () => this.#conversation.text() });
    this.#notices = new Notices(part('notices'), actions);
    this.#queue = new Queue(part('queue'), actions);
    this.agents = new AgentPicker({ select: part('agent'), description: part('agent-description'), models: part('known-models') }, { api, storage });
    const reasoning = new ReasoningToggle(part('reasoning'), { storage });
    const options = new RunOptions(
      { open: part('options-open'), model: part('option-model'), temperature: part('option-temperature'), iterations: part('option-iterations') }, { storage });
    const send = (message, onBusy) => {
      this.#conversation.showNewest();
      this.#scroll.follow();
      actions.send({ message, ...this.agents.payload, ...reasoning.payload, ...options.payload, ...(onBusy ? { on_busy: onBusy } : {}) });
    };
    this.composer = new Composer(
      { form: part('composer'), text: part('message'), send: part('send'), stop: part('stop'), interrupt: part('interrupt') },
      { send, cancel: actions.cancel }, { drafts: new Drafts(storage) });
    new QuickPrompts(part('prompts'), send);
    this.#conversationActions = {
      ...actions,
      edit: (messageId, text) => {
        actions.discard(messageId);
        this.composer.write(text);
      },
    };
    this.#connection = new ConnectionView(
      { box: part('connection'), words: part('connection-words'), now: part('reconnect-now') },
      { reconnectNow: actions.reconnectNow, announce: (text) => this.#announcer.say(text), onChange: (state) => this.composer.connectionChanged(state) });
    new ConnectionDebug({
      dialog: part('connection-view'), open: part('connection-open'), facts: part('connection-facts'), frames: part('connection-frames'),
      toggle: part('connect-toggle'), ping: part('connection-ping'), copy: part('connection-copy'),
    }, current);
    this.drawer = new Drawer(
      { sidebar: part('sidebar'), others: [part('pane'), part('skip')], shade: part('drawer-shade'), toggle: part('sidebar-toggle'), close: part('sidebar-close') }, { storage });
    this.sidebar = new Sidebar({ nav: part('sessions'), search: part('session-search'), newChat: part('new-chat') }, sessions, actions);
    this.confirm = new ConfirmDialog({ dialog: part('confirm'), text: part('confirm-text') });
    this.help = new HelpDialog({ dialog: part('help'), rows: part('shortcuts'), open: part('help-open') });
    new ThemeSwitch(part('theme'), { storage });
  }

  /**
   * Shows another session. The conversation is made anew, so that nothing of the one before can stay behind.
   * @param {import('./session.js').ChatSession} session
   * @param {ChangeSet} everything
   * @param {object} how
   * @param {boolean} how.isNew nobody can have written to it yet: there is nothing to wait for
   * @param {import('./places.js').Place} [how.place] where the reader was in it
   */
  enter(session, everything, { isNew, place }) {
    this.#conversation?.dispose?.();
    this.#list.replaceChildren();
    this.#conversation = new Conversation(this.#list, this.#conversationActions, {
      traceUrl: this.#traceUrl,
      pin: () => this.#scroll.pin(),
      announce: (words) => this.#announcer.say(words),
      kept: this.#kept,
    });
    this.#isNew = isNew;
    this.#sessionTools.enter(this.#api, session.sessionId);
    this.#classicLink.href = new URL(`classic/${session.sessionId}`, document.baseURI).href;
    this.composer.enter(session.sessionId);
    this.#scroll.follow();
    this.#wantedPlace = place && !place.end ? place : null;
    this.render(session.state, everything);
    this.sidebar.setCurrent(session.sessionId);
    this.drawer.done();
  }

  /** @param {State} state @param {ChangeSet} changes */
  render(state, changes) {
    if (changes.earlier) {
      this.#scroll.keep(this.#list, () => this.#conversation.render(state, changes));
    } else {
      this.#conversation.render(state, changes);
    }

    this.#sessionTools.update(state.runs.size > 0);
    this.composer.render(state);
    this.#queue.render(state);
    const isEmpty = state.runs.size === 0 && state.pending.size === 0;
    this.#welcome.hidden = !isEmpty || !(state.ready || this.#isNew);
    this.#skeleton.show(isEmpty && !state.ready && !this.#isNew);
    this.#earlier.hidden = !state.hasMore;
    if (changes.notices || changes.everything) {
      this.#notices.render(state);
    }

    if (changes.pending) {
      this.#connection.showWaiting(state);
    }

    this.#announcer.announce(state, changes);
    if (this.#wantedPlace && state.ready) {
      this.#goBack(state);
    }
  }

  /** @returns {import('./places.js').Place} where the reader is */
  get place() {
    return this.#wantedPlace ?? this.#scroll.place;
  }

  /** Back, or forward, to another place of the same session. @param {import('./places.js').Place | undefined} place @param {State} state */
  goBackTo(place, state) {
    if (place && !this.#conversation.isWanted) {
      this.#wantedPlace = place;
      this.#goBack(state);
    }
  }

  #goBack(state) {
    const place = this.#wantedPlace;
    if (this.#conversation.isWanted || this.#scroll.goBackTo(place, this.#list)) {
      // A link to a step says where to go, whatever was read before.
      this.#wantedPlace = null;
    } else if (state.hasMore && (state.runs.values().next().value?.seq ?? 0) > place.seq) {
      this.#scroll.pin();
      void this.#loadEarlier();
    } else {
      this.#wantedPlace = null;
    }
  }

  // One page at a time, however often the reader comes near the beginning meanwhile.
  async #loadEarlier() {
    if (!this.#earlier.hidden && !this.#earlier.disabled) {
      this.#earlier.disabled = true;
      await this.#actions.loadEarlier();
      this.#earlier.disabled = false;
    }
  }

  /** @param {ConnectionState} connection @param {State} state */
  showConnection(connection, state) {
    this.#connection.show(connection, state);
    this.#skeleton.showConnection(connection);
  }

  /** @param {string | undefined} title @param {{ working: boolean, asking: boolean }} run what is going on, for who looks at another tab */
  showTitle(title, { working, asking }) {
    const words = title || 'New chat';
    setText(this.#title, words);
    document.title = `${asking ? '❓ ' : working ? '● ' : ''}${words} · AgentStream`;
  }
}
