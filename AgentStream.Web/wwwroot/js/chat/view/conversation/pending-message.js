import { make } from '../elements/dom.js';
import { MessageView } from './message.js';

/** @import { Pending } from '../../../client/types.js' */

const WORDS = {
  waiting: 'Waiting to be sent',
  sent: 'Sent',
  accepted: 'Delivered',
};

/** A message that is not in the log yet. */
export class PendingView {
  #message = new MessageView();
  #actions;

  /** @param {string} messageId @param {{ discard: (id: string) => void, edit: (id: string, text: string) => void }} actions */
  constructor(messageId, actions) {
    this.#actions = actions;
    this.element = make('li', { class: 'run run-pending', 'data-testid': 'pending-message', 'data-message-id': messageId },
      this.#message.element);
  }

  /** @param {Pending} pending */
  update(pending) {
    this.element.dataset.status = pending.status;
    const refused = pending.status === 'refused';
    const isOurs = refused || pending.status === 'waiting';
    const { messageId, message } = pending;
    this.#message.show(message, refused ? `Not sent: ${pending.reason}` : WORDS[pending.status], isOurs
      ? [
        { label: 'Edit', testid: 'edit-pending', action: () => this.#actions.edit(messageId, message) },
        { label: 'Remove', testid: 'remove-pending', action: () => this.#actions.discard(messageId) },
      ]
      : []);
  }
}
