import { KeptMap } from './browser/kept-map.js';
import { later } from './browser/later.js';
import { serverNow } from './browser/server-clock.js';
import { Preference } from './browser/storage.js';
import { loadStyle } from './browser/style.js';
import { ChangeSet } from './state/store.js';
import { AgentPicker } from './view/composer/agent-picker.js';
import { Composer } from './view/composer/composer.js';
import { Drafts } from './view/composer/drafts.js';
import { OptionsPopover } from './view/composer/options-popover.js';
import { QuickPrompts } from './view/composer/quick-prompts.js';
import { ReasoningToggle } from './view/composer/reasoning-toggle.js';
import { Conversation, stepAt } from './view/conversation/conversation.js';
import { Scroll } from './view/conversation/scroll.js';
import { Skeleton } from './view/conversation/skeleton.js';
import { setText } from './view/elements/dom.js';
import { showIcons } from './view/elements/icon.js';
import { Announcer } from './view/shell/announcer.js';
import { ConnectionView } from './view/shell/connection-state.js';
import { LookSwitch } from './view/shell/look-switch.js';
import { Notices } from './view/shell/notices.js';
import { PageTitle } from './view/shell/page-title.js';
import { SessionTools } from './view/shell/session-tools.js';
import { Drawer } from './view/sidebar/drawer.js';
import { Sidebar } from './view/sidebar/sidebar.js';
import { ThemeSwitch } from './view/sidebar/theme-switch.js';
import { costWords } from './words/format.js';

/** @import { ConnectionState, State } from '../client/types.js' */
/** @import { Place } from './navigation/places.js' */

const MOST_FOLDS = 300;

const helpDialog = later(() => import('./view/shell/help-dialog.js'));
const connectionDebug = later(async () => {
  const [debug] = await Promise.all([import('./view/shell/connection-debug.js'), loadStyle('css/chat/shell/connection-debug.css')]);
  return debug;
});

// Where there is no run there is nothing to trace.
const loadQueue = later(() => import('./view/composer/queue.js'));
const loadModels = later(() => import('./view/composer/model-choices.js'));
const traceView = later(async () => {
  const [view] = await Promise.all([import('./view/trace/trace-view.js'), loadStyle('css/chat/shell/trace.css')]);
  return view;
});

/** Puts the parts of the page together. Each part owns its elements; none knows another. */
export class Page {
  #actions;
  #sessionList;
  #sessions;
  #list;
  #conversation;
  #conversationActions;
  #title;
  #cost;
  #welcome;
  #earlier;
  /** @type {import('./view/composer/queue.js').Queue | null} once something waited */
  #queue = null;
  /** @type {import('./view/composer/model-choices.js').ModelChoices | null} once somebody wanted to see the options */
  #models = null;
  #notices;
  #announcer;
  #scroll;
  #classicLink;
  #connection;
  #agents;
  #options;
  #api;
  #sessionTools;
  #shareDialog = null;
  #traceUrl;
  #skeleton;
  #isNew = false;
  #isOurs = false;
  #gone;
  #tabTitle = new PageTitle();
  /** @type {import('./view/shell/notifier.js').Notifier | null} once somebody wanted it */
  #notifier = null;
  /** @type {import('./view/trace/trace-view.js').TraceView | null} once there was a run */
  trace = null;
  #isTraceWanted = false;
  /** The conversation as it was, while that is shown. @type {import('./timeline/moment.js').Moment | null} */
  #moment = null;
  #traceParts;
  #storage;
  /** Where the reader is to be led once it is there. */
  #wantedPlace = null;
  /** What outlives a view of a session: how the reader left the steps of runs, and the cards of approvals with what was typed into them. */
  #kept;

  constructor({ root, storage, tabStorage, api, list, sessions, actions }) {
    const part = (id) => document.getElementById(id);
    this.#storage = storage;
    this.#traceParts = { strip: part('trace-strip'), pane: part('trace-pane') };
    this.#kept = { folds: new KeptMap(tabStorage, 'agentstream.folds', MOST_FOLDS), cards: new Map() };
    showIcons(root);
    this.#actions = actions;
    this.#sessionList = list;
    this.#sessions = sessions;
    this.#list = part('conversation');
    this.#title = part('session-title');
    this.#cost = part('session-cost');
    this.#welcome = part('welcome');
    this.#gone = part('gone');
    this.#earlier = part('earlier');
    this.#skeleton = new Skeleton(part('skeleton'), part('skeleton-words'));
    this.#classicLink = part('classic-link');
    this.#earlier.addEventListener('click', () => this.#loadEarlier());
    this.#announcer = new Announcer(part('announcements'), root);
    this.#scroll = new Scroll(part('jump'));
    this.#scroll.onBeginning(() => this.#loadEarlier());
    this.#api = api;
    this.#traceUrl = root.dataset.traceUrl ?? '';
    this.#sessionTools = new SessionTools(part('session-tools'), {
      text: () => {
        this.trace?.leaveTravel();
        return this.#conversation.text();
      },
      share: root.dataset.shareable ? () => void this.#share() : undefined,
      save: () => void this.#save(),
    });
    this.#notices = new Notices(part('notices'), actions);
    this.#offerNotifier(part('notify'));
    this.#agents = new AgentPicker(
      {
        chip: part('agent-open'), name: part('agent-name'), popover: part('agents'), description: part('agent-description'),
        missing: part('agent-missing'), form: part('composer'),
      }, { api, storage });
    const reasoning = new ReasoningToggle(part('reasoning'), { storage });
    const options = this.#options = new OptionsPopover({
      open: part('options-open'), popover: part('options'), form: part('composer'), model: part('option-model'),
      temperature: part('option-temperature'), iterations: part('option-iterations'),
    }, { storage });
    part('options').addEventListener('toggle', ({ newState }) => newState === 'open' && this.#showModels());
    const send = (message, onBusy) => {
      this.trace?.leaveTravel();
      this.#conversation.showNewest();
      this.#scroll.follow();
      actions.send({ message, ...this.#agents.payload, ...reasoning.payload, ...options.payload, ...(onBusy ? { on_busy: onBusy } : {}) });
    };
    this.composer = new Composer(
      {
        form: part('composer'), text: part('message'), send: part('send'), stop: part('stop'), steer: part('steer'),
        interrupt: part('interrupt'),
      },
      { send, cancel: actions.cancel, editLast: () => this.editLast() }, { drafts: new Drafts(storage) });
    new QuickPrompts(part('prompts'), send);
    this.#conversationActions = {
      ...actions,
      edit: (messageId, text) => {
        actions.discard(messageId);
        this.composer.write(text);
      },
    };
    this.#connection = new ConnectionView({ box: part('connection'), words: part('connection-words'), now: part('reconnect-now') }, {
      reconnectNow: actions.reconnectNow,
      announce: (text) => this.#announcer.say(text),
      onChange: (state) => this.composer.connectionChanged(state),
    });
    this.#showDebugOnRequest({
      dialog: part('connection-view'), facts: part('connection-facts'), frames: part('connection-frames'),
      toggle: part('connect-toggle'), ping: part('connection-ping'), copy: part('connection-copy'),
    });
    this.drawer = new Drawer({
      sidebar: part('sidebar'), others: [part('pane'), part('skip'), part('trace-pane')], shade: part('drawer-shade'),
      toggle: part('sidebar-toggle'), close: part('sidebar-close'),
    }, { storage });
    this.sidebar = new Sidebar(
      { nav: part('sessions'), search: part('session-search'), newChat: part('new-chat') }, list,
      { ...actions, openNew: () => this.openNew() });
    part('help-open').addEventListener('click', () => this.showHelp());
    new ThemeSwitch(part('theme'), { storage });
    new LookSwitch({ button: part('look'), list: this.#list }, { storage, changed: () => this.#lookChanged() });
    this.#list.addEventListener('pointerover', ({ target }) => this.trace?.pointedAt(...stepAt(target)));
    this.#list.addEventListener('pointerleave', () => this.trace?.pointedAt('', null));
    this.#list.addEventListener('click', ({ target }) => this.trace?.wentTo(...stepAt(target)));
  }

  /** The list of keyboard shortcuts. */
  async showHelp() {
    const { showHelp } = await helpDialog();
    showHelp(document.getElementById('help'), document.getElementById('shortcuts'));
  }

  /** The links to the session that is open. */
  async #share() {
    const { sessionId } = this.#sessions.current;
    try {
      const [{ ShareDialog }] = await Promise.all([import('./view/shell/share-dialog.js'), loadStyle('css/chat/shell/share.css')]);
      this.#shareDialog ??= new ShareDialog(this.#api);
      void this.#shareDialog.open(sessionId);
    } catch (error) {
      console.warn(error);
      this.#sessions.current.notify('share', 'This part of the page could not be loaded. Please try again when there is a connection.');
    }
  }

  async #save() {
    const { current } = this.#sessions;
    try {
      const { keep, savedFile } = await import('./saved/save-file.js');
      keep(await savedFile(this.#api, current.sessionId, serverNow() / 1000));
    } catch (error) {
      console.warn(error);
      current.notify('save', 'The file could not be made. Please try again when there is a connection.');
    }
  }

  // Its module is for those who want to be told.
  #offerNotifier(bell) {
    const begin = async () => {
      const { Notifier } = await import('./view/shell/notifier.js');
      this.#notifier = new Notifier(bell, {
        storage: this.#storage,
        say: (words) => this.#sessions.current?.notify('notify', words),
      });
    };
    bell.hidden = !globalThis.Notification;
    if (new Preference('notify', this.#storage).value === 'on') {
      void begin();
    } else {
      bell.addEventListener('click', () => begin().then(() => bell.click()), { once: true });
    }
  }

  #showDebugOnRequest(parts) {
    let view = null;
    document.getElementById('connection-open').addEventListener('click', async () => {
      const { ConnectionDebug } = await connectionDebug();
      view ??= new ConnectionDebug(parts, () => this.#sessions.current);
      view.show();
    });
  }

  /**
   * Shows another session. The conversation is made anew, so that nothing of the one before can stay.
   * @param {import('./sessions/session.js').ChatSession} session
   * @param {object} how
   * @param {boolean} how.isNew nobody can have written to it yet: there is nothing to wait for
   * @param {boolean} how.isOurs it was made here; one that was not and has nothing is gone
   * @param {Place} [how.place] where the reader was in it
   */
  enter(session, { isNew, isOurs, place }) {
    this.#moment = null;
    this.#newConversation();
    this.#isNew = isNew;
    this.#isOurs = isOurs;
    this.#sessionTools.enter(this.#api, session.sessionId);
    this.#classicLink.href = new URL(`classic/${session.sessionId}`, document.baseURI).href;
    this.composer.enter(session.sessionId);
    this.#options.enter(session.sessionId);
    this.#agents.enter();
    this.#scroll.follow();
    this.#wantedPlace = place && !place.end ? place : null;
    this.render(session.state, all());
    this.sidebar.setCurrent(session.sessionId);
    this.drawer.done();
    session.enter(this);
    // One that was left while it still had something to send is connected already, and has nothing new to tell.
    this.showConnection(session.connection, session.state);
    this.composer.offerFocus();
  }

  #newConversation() {
    this.#conversation?.dispose?.();
    this.#list.replaceChildren();
    this.#conversation = new Conversation(this.#list, this.#conversationActions, {
      traceUrl: this.#traceUrl,
      pin: () => this.#scroll.pin(),
      announce: (words) => this.#announcer.say(words),
      kept: this.#kept,
      now: () => this.#moment?.now ?? serverNow() / 1000,
    });
  }

  #lookChanged() {
    if (this.trace?.isTravelling) {
      this.trace.leaveTravel();
    } else {
      this.#showAnew();
    }
  }

  #showAnew() {
    this.#newConversation();
    this.render(this.#sessions.current.state, all());
  }

  /** Lets the person change what they said last. */
  editLast() {
    this.#conversation.editLast();
  }

  /** A new session, unless this one is new. */
  openNew() {
    this.#actions.openNew();
    this.drawer.done();
    this.composer.focus();
  }

  /** The list of sessions is another now. */
  listChanged() {
    this.sidebar.render();
    this.#showTitle();
  }

  /** @param {State} state @param {ChangeSet} changes */
  render(state, changes) {
    if (this.#moment) {
      // What comes is shown when the reader is back.
    } else if (changes.earlier) {
      this.#scroll.keep(this.#list, () => this.#conversation.render(state, changes));
    } else {
      this.#conversation.render(state, changes);
    }

    this.#sessionTools.update(state.runs.size > 0);
    this.#showCost(state.cost);
    this.composer.render(state);
    this.#showQueue(state);
    const isEmpty = state.runs.size === 0 && state.pending.size === 0;
    this.#welcome.hidden = !isEmpty || !(state.ready || this.#isNew);
    this.#gone.hidden = !(isEmpty && state.ready) || this.#isNew || this.#isOurs || state.lastSeq > 0;
    this.#skeleton.show(isEmpty && !state.ready && !this.#isNew);
    this.#earlier.hidden = !state.hasMore;
    if (changes.notices || changes.everything) {
      this.#notices.render(state);
    }

    if (changes.everything && state.ready) {
      this.#agents.follow([...state.runs.values()].at(-1)?.agentName);
    }

    if (changes.pending) {
      this.#connection.showWaiting(state);
    }

    this.#announcer.announce(state, changes);
    if (this.#wantedPlace && state.ready) {
      this.#goBack(state);
    }

    this.#showTitle();
    this.#showTrace(state, changes);
  }

  #showQueue(state) {
    if (this.#queue) {
      this.#queue.render(state);
    } else if (state.queue.length > 0) {
      loadQueue().then(({ Queue }) => {
        this.#queue ??= new Queue(document.getElementById('queue'), this.#actions);
        this.#queue.render(this.#sessions.current.state);
      }, (error) => console.warn(error));
    }
  }

  #showModels() {
    loadModels().then(({ ModelChoices }) => {
      this.#models ??= new ModelChoices(document.getElementById('model-choices'), document.getElementById('option-model'));
      this.#models.show(this.#agents.agent);
    }, (error) => console.warn(error));
  }

  #showCost(cost) {
    const words = costWords(cost, () => this.#showCost(this.#sessions.current.state.cost));
    this.#cost.hidden = words === '';
    setText(this.#cost, words);
  }

  #showTrace(state, changes) {
    if (this.trace) {
      this.trace.render(state, changes);
    } else if (state.runs.size > 0 && (changes.everything || !this.#isTraceWanted)) {
      this.#isTraceWanted = true;
      void this.#beginTrace();
    }
  }

  async #beginTrace() {
    let loaded;
    try {
      loaded = await traceView();
    } catch (error) {
      // Without a connection, for example. The next session that is shown tries it again.
      console.warn(error);
      return;
    }

    this.trace ??= new loaded.TraceView(this.#traceParts, {
      storage: this.#storage,
      now: () => serverNow() / 1000,
      go: (runId, stepId) => this.#conversation.lead(runId, stepId),
      point: (runId, stepId) => this.#conversation.point(runId, stepId),
      travel: (moment, changes) => this.#showMoment(moment, changes),
    });
    this.trace.render(this.#sessions.current.state, all());
  }

  #showMoment(moment, changes) {
    this.#moment = moment;
    this.#list.toggleAttribute('data-moment', moment !== null);
    if (moment === null) {
      this.#showAnew();
    } else {
      this.#conversation.render(moment.state, changes);
      if (changes.everything) {
        this.#scroll.follow();
      }
    }
  }

  /** @returns {Place} where the reader is */
  get place() {
    return this.#wantedPlace ?? this.#scroll.place;
  }

  /** Back, or forward, to another place of the same session. @param {Place | undefined} place */
  goBackTo(place) {
    if (place && !this.#conversation.isWanted) {
      this.#wantedPlace = place;
      this.#goBack(this.#sessions.current.state);
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
    if (connection.status === 'connected') {
      this.#agents.load();
    }
  }

  // What is going on stands before it, for who looks at another tab.
  #showTitle() {
    const session = this.#sessions.current;
    if (!session) {
      return;
    }

    const { state, sessionId } = session;
    const active = state.activeRun ? state.runs.get(state.activeRun) : null;
    const firstMessage = state.runs.values().next().value?.message;
    const words = (this.#sessionList.get(sessionId)?.title ?? state.title ?? firstMessage) || 'New chat';
    setText(this.#title, words);
    const runOf = (runId) => state.runs.get(runId);
    this.#tabTitle.update(words, active ?? null, runOf);
    this.#notifier?.update(sessionId, words, active ?? null, runOf);
  }
}

function all() {
  const changes = new ChangeSet();
  changes.everything = true;
  changes.pending = true;
  return changes;
}
