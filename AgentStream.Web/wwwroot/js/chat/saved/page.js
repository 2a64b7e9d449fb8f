import { KeptMap } from '../browser/kept-map.js';
import { initialState } from '../../client/state/conversation-state.js';
import { reduce } from '../../client/state/reducer.js';
import { ChangeSet } from '../state/store.js';
import { Conversation, stepAt } from '../view/conversation/conversation.js';
import { Scroll } from '../view/conversation/scroll.js';
import { setText } from '../view/elements/dom.js';
import { showIcons } from '../view/elements/icon.js';
import { LookSwitch } from '../view/shell/look-switch.js';
import { TraceView } from '../view/trace/trace-view.js';

const MOST_FOLDS = 300;

/** A session in a file: the conversation as it was when it was saved, and the strip that leads to each of its moments. */
export class SavedPage {
  #session;
  #state;
  #list;
  #scroll;
  #trace;
  #conversation = null;
  #moment = null;
  #kept = { folds: new KeptMap(null, 'agentstream.folds', MOST_FOLDS), cards: new Map() };

  /** @param {{ root: HTMLElement, storage: Storage | null, session: any }} of */
  constructor({ root, storage, session }) {
    const part = (id) => document.getElementById(id);
    this.#session = session;
    this.#state = reduce(initialState(session.session_id), { type: 'snapshot', data: session });
    showIcons(root);
    this.#list = part('conversation');
    this.#scroll = new Scroll(part('jump'));
    new LookSwitch({ button: part('look'), list: this.#list }, {
      storage, changed: () => (this.#trace.isTravelling ? this.#trace.leaveTravel() : this.#showAnew()),
    });
    setText(part('saved-note'),
      `Saved on ${new Date(session.saved_at * 1000).toLocaleString()}. This file asks nobody for anything: it plays without a network.`);
    this.#trace = new TraceView({ strip: part('trace-strip'), pane: part('trace-pane') }, {
      storage,
      now: () => session.saved_at,
      go: (runId, stepId) => this.#conversation.lead(runId, stepId),
      point: (runId, stepId) => this.#conversation.point(runId, stepId),
      travel: (moment, changes) => this.#showMoment(moment, changes),
    });
    this.#list.addEventListener('pointerover', ({ target }) => this.#trace.pointedAt(...stepAt(target)));
    this.#list.addEventListener('pointerleave', () => this.#trace.pointedAt('', null));
    this.#list.addEventListener('click', ({ target }) => this.#trace.wentTo(...stepAt(target)));
    document.addEventListener('keydown', (event) => this.#key(event));
  }

  show() {
    this.#scroll.follow();
    this.#showAnew();
    this.#trace.render(this.#state, everything());
  }

  #showAnew() {
    this.#conversation?.dispose();
    this.#list.replaceChildren();
    this.#conversation = new Conversation(this.#list, { loadEarlier: () => Promise.resolve() }, {
      traceUrl: '',
      pin: () => this.#scroll.pin(),
      announce: (words) => setText(document.getElementById('announcements'), words),
      kept: this.#kept,
      readOnly: true,
      now: () => this.#moment?.now ?? this.#session.saved_at,
    });
    this.#conversation.render(this.#state, everything());
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

  #key({ key, target, ctrlKey, metaKey, altKey }) {
    if (ctrlKey || metaKey || altKey || target.closest?.('input, textarea, select')) {
      return;
    }

    if (key === 'Escape') {
      this.#trace.leaveTravel();
    } else if (this.#trace.isOpen && (key === 'j' || key === 'k')) {
      this.#trace.goBeside(key === 'j' ? 1 : -1);
    }
  }
}

function everything() {
  const changes = new ChangeSet();
  changes.everything = true;
  return changes;
}
