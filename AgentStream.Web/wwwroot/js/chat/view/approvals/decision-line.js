import { loadStyle } from '../../browser/style.js';
import { make } from '../elements/dom.js';
import { decisionWords } from './approval-words.js';

/**
 * What became of the question whether a tool may be used.
 * @param {import('../../../client/types.js').Decision} decision
 * @param {{ named?: boolean }} [how] `named`: it stands apart from the call, so it says which tool
 */
export function decisionLine(decision, { named = false } = {}) {
  void loadStyle('css/chat/conversation/approvals.css');
  const { sign, words } = decisionWords(decision);
  return make('p', { class: 'decision', 'data-testid': 'decision', 'data-approved': String(decision.approved) },
    make('span', { class: 'decision-sign', 'aria-hidden': 'true' }, sign),
    make('span', { class: 'decision-words' }, ...(named && decision.tool_name ? [make('code', {}, decision.tool_name), ' '] : []), words));
}
