import { counted, pretty } from '../../words/format.js';
import { copyButton } from '../elements/copy.js';
import { button, make } from '../elements/dom.js';

const SHOWN_LINES = 14;
const SHOWN_CHARACTERS = 1_500;

/** Arguments or a result: readable, foldable, copied whole. A long one is cut until somebody wants all of it. */
export class DataBlock {
  /** @param {string} label @param {unknown} value */
  constructor(label, value) {
    const text = pretty(value);
    const cut = shortened(text);
    const showAll = `Show all (${sizeOf(text)})`;
    const code = make('pre', { class: 'data-text', tabindex: '0', role: 'group', 'aria-label': label }, cut ?? text);
    const more = cut === null ? null : button(showAll, () => {
      const all = code.dataset.all !== undefined;
      code.textContent = all ? cut : text;
      more.textContent = all ? showAll : 'Show less';
      more.setAttribute('aria-expanded', String(!all));
      code.toggleAttribute('data-all', !all);
    }, { class: 'link-button data-more', 'data-testid': 'show-all', 'aria-expanded': 'false' });
    this.element = make('details', { class: 'data', open: true, 'data-testid': 'step-data' },
      make('summary', { class: 'data-head' }, label),
      make('div', { class: 'data-body' }, code,
        make('div', { class: 'data-foot' }, more,
          copyButton('Copy', () => text, { 'aria-label': `Copy: ${label}`, 'data-testid': 'copy-data' }))));
  }
}

function shortened(text) {
  const lines = text.split('\n');
  const head = lines.slice(0, SHOWN_LINES).join('\n').slice(0, SHOWN_CHARACTERS);
  // Two lines less are not worth a click.
  return head.length < text.length && (lines.length > SHOWN_LINES + 2 || text.length > SHOWN_CHARACTERS + 200) ? `${head}\n…` : null;
}

// Many lines are counted as lines; a few that are long say nothing of how much there is.
function sizeOf(text) {
  const lines = text.split('\n').length;
  return lines > SHOWN_LINES ? counted(lines, 'line', 'lines') : counted(text.length, 'character', 'characters');
}
