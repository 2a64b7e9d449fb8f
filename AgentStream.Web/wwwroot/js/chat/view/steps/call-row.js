import { callFlag, callTime, lastLine, shortArguments, shortProse, shortResult } from '../../words/call-words.js';
import { counted } from '../../words/format.js';
import { agentSign } from '../elements/agent-sign.js';
import { disc, setDisc } from '../elements/disc.js';
import { make, setText } from '../elements/dom.js';

/** @import { Step } from '../../../client/types.js' */
/** @import { CallState } from '../../words/call-words.js' */

/** A call in one line: what is called, with what, what came of it, how long it took. */
export class CallRow {
  #sign = disc('tool_use');
  #begins = make('span', { class: 'visually-hidden' });
  #tool = make('code', { class: 'call-tool' });
  #arguments = make('span', { class: 'call-arguments' });
  #arrow = make('span', { class: 'call-arrow step-tool_result', 'aria-hidden': 'true' }, '→');
  #says = make('span', { class: 'visually-hidden' });
  #result = make('span', { class: 'call-result' });
  #flag = make('span', { class: 'step-flag', hidden: true });
  #time = make('span', { class: 'call-time' });
  #agent = null;

  /** @param {string} controls id of what it opens @param {(open: boolean) => void} choose */
  constructor(controls, choose) {
    this.button = make('button',
      { type: 'button', class: 'call-row', 'aria-expanded': 'false', 'aria-controls': controls, 'data-testid': 'call-row' },
      this.#sign, this.#begins,
      make('span', { class: 'call-line' }, this.#tool, ' ', this.#arguments, ' ', this.#arrow, this.#says, this.#result),
      ' ', this.#flag, ' ', this.#time);
    this.button.addEventListener('click', () => choose(!this.isOpen));
    this.element = make('h3', { class: 'call-head' }, this.button);
  }

  get isOpen() {
    return this.button.getAttribute('aria-expanded') === 'true';
  }

  set isOpen(open) {
    this.button.setAttribute('aria-expanded', String(open));
  }

  /** @param {number} iteration */
  begin(iteration) {
    setText(this.#begins, `Iteration ${iteration}. `);
  }

  /**
   * @param {Step | null} use
   * @param {Step | null} result
   * @param {CallState} state
   * @param {{ agent: string, calls: number } | null} group the other agent that works for this call
   */
  show(use, result, state, group) {
    const failed = state === 'failed' || state === 'doubt' || state === 'refused';
    if (group) {
      this.#showAgent(group.agent);
    } else {
      setDisc(this.#sign, failed ? 'error' : use ? 'tool_use' : 'tool_result');
    }

    setText(this.#tool, group?.agent ?? use?.toolName ?? result?.toolName ?? (state === 'written' ? 'Choosing a tool' : 'A tool'));
    setText(this.#arguments, group
      ? (group.calls > 0 ? `· ${counted(group.calls, 'call', 'calls')}` : `· ${shortArguments(use?.arguments?.task ?? use?.arguments)}`)
      : use?.open ? lastLine(use.chunks) : shortArguments(use?.arguments));
    const said = resultWords(result, group !== null);
    setText(this.#result, said);
    this.#arrow.hidden = said === '';
    setText(this.#says, said === '' ? '' : ' result: ');
    const flag = callFlag(state);
    this.#flag.hidden = flag === '';
    setText(this.#flag, flag);
    this.time(use, result);
  }

  /** @param {Step | null} use @param {Step | null} result @param {number} [now] Unix seconds */
  time(use, result, now) {
    setText(this.#time, callTime(use, result, now));
  }

  #showAgent(name) {
    if (this.#agent !== name) {
      this.#agent = name;
      const sign = agentSign(name);
      this.#sign.replaceWith(sign);
      this.#sign = sign;
    }
  }
}

function resultWords(result, isProse) {
  if (result === null) {
    return '';
  }

  return result.open ? lastLine(result.chunks) : (isProse ? shortProse(result.content) : shortResult(result.content)) || 'nothing';
}
