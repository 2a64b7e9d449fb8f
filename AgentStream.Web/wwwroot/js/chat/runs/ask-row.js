import { serverNow } from '../browser/server-clock.js';
import { secondsLeft, spendingOf, timeLeftAnnouncement, timeLeftWords } from '../view/approvals/approval-words.js';
import { agentSign } from '../view/elements/agent-sign.js';
import { button, make, setText } from '../view/elements/dom.js';
import { shortArguments } from '../words/call-words.js';
import { pretty } from '../words/format.js';
import { money } from '../words/money.js';

/** @import { ListedRun } from './board.js' */

/** A call that waits for a person: what would be done, with what, how long there is, and the answer. */
export class AskRow {
  #expiresAt;
  #seconds = null;
  #announce;
  #answer;
  #left = make('span', { class: 'ask-left' });
  #note = make('p', { class: 'ask-note', role: 'status', hidden: true, 'data-testid': 'asked-note' });
  #buttons;

  /**
   * @param {ListedRun} run
   * @param {{ tool_call_id: string, tool_name: string, arguments?: object, expires_at: number, client_tool?: boolean }} approval
   * @param {{ may: boolean, answer: (approved: boolean) => Promise<string>, announce: (words: string) => void }} tools
   */
  constructor(run, approval, { may, answer, announce }) {
    this.#expiresAt = approval.expires_at;
    this.#announce = announce;
    this.#answer = answer;
    const title = run.title || 'New chat';
    const tool = approval.tool_name;
    this.#buttons = [
      button('Approve', () => this.#give(true),
        { class: 'button button-primary', 'aria-label': `Approve ${tool} of “${title}”`, 'data-testid': 'asked-approve' }),
      button('Refuse', () => this.#give(false),
        { class: 'button', 'aria-label': `Refuse ${tool} of “${title}”`, 'data-testid': 'asked-refuse' }),
    ];
    const spending = spendingOf(approval);
    const short = spending ? `may it spend ${money(spending.amount)} more?` : shortArguments(approval.arguments ?? {});
    this.element = make('li', { class: 'ask', 'data-testid': 'asked', 'data-tool-call-id': approval.tool_call_id },
      agentSign(run.agent_name),
      make('div', { class: 'ask-main' },
        make('details', { class: 'ask-call' },
          make('summary', {}, make('code', { class: 'ask-tool' }, tool), make('span', { class: 'ask-arguments' }, short || 'no arguments')),
          make('pre', { tabindex: '0', role: 'region', 'aria-label': `Arguments of ${tool}` }, pretty(approval.arguments ?? {}))),
        make('p', { class: 'ask-of' },
          run.agent_name, ' · ', make('a', { href: new URL(`chat/${run.session_id}`, document.baseURI).href }, title), this.#left)),
      // A call that the program which asked executes can only be refused.
      may
        ? make('div', { class: 'ask-buttons' }, ...this.#buttons.slice(approval.client_tool ? 1 : 0))
        : make('p', { class: 'ask-of' }, 'Somebody else may answer'),
      this.#note);
    this.tick();
  }

  tick() {
    const seconds = secondsLeft(this.#expiresAt, serverNow());
    if (seconds === this.#seconds) {
      return;
    }

    const words = timeLeftAnnouncement(this.#seconds, seconds);
    this.#seconds = seconds;
    setText(this.#left, seconds === null ? '' : ` · ${timeLeftWords(seconds)}`);
    this.element.classList.toggle('ask-soon', seconds !== null && seconds <= 60);
    if (words) {
      this.#announce(words);
    }
  }

  async #give(approved) {
    if (this.#buttons[0].getAttribute('aria-disabled') === 'true') {
      return;
    }

    this.#enable(false);
    const problem = await this.#answer(approved);
    this.#note.hidden = false;
    setText(this.#note, problem || (approved ? 'Approved.' : 'Refused.'));
    this.element.dataset.answered = problem ? '' : String(approved);
    if (problem.includes('try again')) {
      this.#enable(true);
    }
  }

  // Not `disabled`: the keyboard's place is in it.
  #enable(enabled) {
    for (const one of this.#buttons) {
      one.setAttribute('aria-disabled', String(!enabled));
      one.inert = !enabled && one !== document.activeElement;
    }
  }
}
