import { serverNow } from '../../browser/server-clock.js';
import { pretty } from '../../words/format.js';
import { money } from '../../words/money.js';
import { button, make, setText } from '../elements/dom.js';
import { secondsLeft, spendingOf, timeLeftAnnouncement, timeLeftWords } from './approval-words.js';
import { readArguments } from './edited-arguments.js';

const TICK_MS = 1_000;
// The log answers within moments. If it does not, the answer may be lost, and giving it again does no harm: the first one wins.
const PATIENCE_MS = 6_000;
let count = 0;

/** One tool call that waits for a person's word: what would be done, with what, and how long there is to decide. */
export class ApprovalCard {
  #approval;
  #answer;
  #editor;
  #problem = make('p', { class: 'approval-problem', hidden: true, 'data-testid': 'approval-problem' });
  #left = make('span', { class: 'approval-left', 'data-testid': 'approval-left' });
  #note = make('p', { class: 'approval-note', role: 'status', hidden: true, 'data-testid': 'approval-note' });
  #reason;
  #approve;
  #refuse;
  #seconds = null;
  #ticker;
  #patience = null;

  /**
   * @param {{ tool_call_id: string, tool_name: string, arguments?: unknown, expires_at?: number, client_tool?: boolean }} approval
   * @param {(answer: { approved: boolean, reason?: string, arguments?: object }) => boolean | void} answer false: it could not be sent
   */
  constructor(approval, answer) {
    this.#approval = approval;
    this.#answer = answer;
    count += 1;
    const id = `approval-${count}`;
    const text = pretty(approval.arguments ?? {});
    const isCallers = approval.client_tool === true;
    this.#problem.id = `${id}-problem`;
    this.#editor = make('textarea', {
      class: 'approval-arguments', id: `${id}-arguments`, rows: String(Math.min(text.split('\n').length, 14)), spellcheck: 'false',
      readonly: isCallers,
      autocomplete: 'off', autocapitalize: 'off',
      'aria-describedby': `${id}-problem`, 'data-testid': 'approval-arguments',
    });
    this.#editor.value = text;
    this.#editor.addEventListener('input', () => this.#check());
    this.#reason = make('input', {
      class: 'approval-reason',
      id: `${id}-reason`,
      type: 'text',
      maxlength: '2000',
      autocomplete: 'off',
      placeholder: 'optional',
      title: 'The agent is told',
      'data-testid': 'approval-reason',
    });
    this.#approve = button('Approve', () => this.#approved(), { class: 'button button-primary', 'data-testid': 'approve' });
    this.#refuse = button('Refuse', () => this.#refused(), { class: 'button', 'data-testid': 'refuse' });
    this.element = make('section',
      { class: 'approval', 'aria-labelledby': `${id}-title`, 'data-testid': 'approval', 'data-tool-call-id': approval.tool_call_id },
      make('div', { class: 'approval-head' },
        make('h3', { id: `${id}-title` }, ...titleOf(approval)), this.#left),
      make('label', { class: 'approval-label', for: `${id}-arguments` }, isCallers ? 'Arguments' : 'Arguments, which you may change'),
      this.#editor, this.#problem,
      make('div', { class: 'approval-row' },
        ...isCallers ? [] : [this.#approve],
        make('span', { class: 'approval-refusal' },
          this.#refuse,
          make('label', { class: 'approval-label', for: `${id}-reason` }, 'Reason'), this.#reason)),
      this.#note);
    this.#start();
  }

  /**
   * The conversation was made anew, and nobody has answered yet: what was typed stands, and what was answered may be answered again.
   * @param {object} approval as the server tells it now
   */
  resume(approval) {
    this.#approval = approval;
    clearTimeout(this.#patience);
    this.#note.hidden = true;
    this.#start();
    this.#enable(true);
  }

  remove() {
    this.#stop();
    this.element.remove();
  }

  #start() {
    this.#stop();
    this.#ticker = setInterval(() => {
      // Another session is looked at.
      if (this.element.isConnected) {
        this.#tick();
      } else {
        this.#stop();
      }
    }, TICK_MS);
    this.#tick();
  }

  #stop() {
    clearInterval(this.#ticker);
    clearTimeout(this.#patience);
  }

  // What was typed is checked while it is typed; nothing is sent before it is right.
  #check() {
    const { problem = '' } = readArguments(this.#editor.value, this.#approval.arguments);
    this.#problem.hidden = problem === '';
    setText(this.#problem, problem);
    this.#editor.setAttribute('aria-invalid', String(problem !== ''));
    this.#approve.disabled = problem !== '' || this.#isOver();
    return problem === '';
  }

  #approved() {
    if (this.#check()) {
      this.#send({ approved: true, ...readArguments(this.#editor.value, this.#approval.arguments) });
    } else {
      this.#editor.focus();
    }
  }

  #refused() {
    const reason = this.#reason.value.trim();
    this.#send({ approved: false, ...(reason ? { reason } : {}) });
  }

  #send(answer) {
    if (this.#answer(answer) === false) {
      this.#say('There is no connection just now. Your answer was not sent; please give it again once there is.');
      return;
    }

    this.#enable(false);
    this.#say('Sent.');
    this.#patience = setTimeout(() => {
      this.#enable(true);
      this.#say('Nothing has come back yet. You can answer again: the first answer counts.');
    }, PATIENCE_MS);
  }

  #enable(enabled) {
    const over = this.#isOver();
    this.#approve.disabled = !enabled || over || !this.#problem.hidden;
    this.#refuse.disabled = !enabled || over;
    this.#editor.readOnly = !enabled || this.#approval.client_tool === true;
    this.#reason.readOnly = !enabled;
  }

  #say(words) {
    this.#note.hidden = false;
    setText(this.#note, words);
  }

  #isOver() {
    return this.#seconds === 0;
  }

  #tick() {
    const seconds = secondsLeft(this.#approval.expires_at, serverNow());
    const words = timeLeftAnnouncement(this.#seconds, seconds);
    this.#seconds = seconds;
    setText(this.#left, timeLeftWords(seconds));
    this.element.classList.toggle('approval-soon', seconds !== null && seconds <= 10);
    if (words) {
      this.element.dispatchEvent(new CustomEvent('announce', { bubbles: true, detail: words }));
    }

    if (seconds === 0) {
      clearInterval(this.#ticker);
      this.#enable(false);
    }
  }
}

function titleOf(approval) {
  const spending = spendingOf(approval);
  if (spending) {
    const spent = money(spending.spent);
    return [`May the run spend ${money(spending.amount)} more?${spent && ` It has spent ${spent}.`}`];
  }

  const tool = make('code', {}, approval.tool_name);
  return approval.client_tool ? ['The program that asked executes ', tool] : ['May the agent use ', tool, '?'];
}
