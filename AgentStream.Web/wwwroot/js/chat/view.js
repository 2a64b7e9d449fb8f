import { AgentPicker } from './view/agent-picker.js';
import { Announcer } from './view/announcer.js';
import { Composer } from './view/composer.js';
import { ConnectionView } from './view/connection-state.js';
import { Conversation } from './view/conversation.js';
import { Notices } from './view/notices.js';
import { ReasoningToggle } from './view/reasoning-toggle.js';
import { Scroll } from './view/scroll.js';

/** @import { ConnectionState, State } from './types.js' */
/** @import { ChangeSet } from './store.js' */

/** Puts the parts of the page together. Each part owns its elements; none knows another. */
export class View {
  #conversation;
  #composer;
  #notices;
  #announcer;
  #scroll;
  #welcome;
  #earlier;

  constructor({ root, sessionId, storage, api, actions }) {
    const part = (id) => root.querySelector(`#${id}`);
    this.#announcer = new Announcer(part('announcements'));
    this.#scroll = new Scroll(part('jump'));
    this.#notices = new Notices(part('notices'), actions);
    this.#welcome = part('welcome');
    this.#earlier = part('earlier');
    this.#earlier.addEventListener('click', actions.loadEarlier);
    this.agents = new AgentPicker(part('agent'), { api, storage });
    const reasoning = new ReasoningToggle(part('reasoning'), { storage });
    this.#composer = new Composer(
      { form: part('composer'), text: part('message'), send: part('send'), stop: part('stop') },
      {
        send: (message) => {
          this.#scroll.follow();
          actions.send({ message, ...this.agents.payload, ...reasoning.payload });
        },
        cancel: actions.cancel,
      });
    this.#conversation = new Conversation(part('conversation'), {
      ...actions,
      edit: (messageId, text) => {
        actions.discard(messageId);
        this.#composer.write(text);
      },
    });
    this.connection = new ConnectionView(
      { box: part('connection'), words: part('connection-words'), now: part('reconnect-now'), toggle: part('connect-toggle') },
      { ...actions, announce: (text) => this.#announcer.say(text), onChange: (state) => this.#composer.connectionChanged(state) });
    part('classic-link').href = new URL(`classic/${sessionId}`, document.baseURI).href;
  }

  /** @param {State} state @param {ChangeSet} changes @param {ConnectionState} connection */
  render(state, changes, connection) {
    this.#conversation.render(state, changes);
    this.#composer.render(state);
    this.#welcome.hidden = !state.ready || state.runs.size > 0 || state.pending.size > 0;
    this.#earlier.hidden = !state.hasMore;
    if (changes.notices || changes.everything) {
      this.#notices.render(state);
    }

    if (changes.pending) {
      this.connection.show(connection, state);
    }

    this.#announcer.announce(state, changes);
    this.#scroll.settle();
  }
}
