import { SHORTCUTS } from '../../navigation/shortcuts.js';
import { make } from '../elements/dom.js';

/** Those that hold at one place, for the list that people read. @type {{ what: string, keys: string[] }[]} */
const LOCAL_SHORTCUTS = [
  { what: 'Send the message; during a run: queue it', keys: ['Enter'] },
  { what: 'Stop the run; where a moment of it is shown, back to now', keys: ['Esc'] },
  { what: 'In the empty message box: change what was said last', keys: ['↑'] },
  { what: 'New line in the message', keys: ['Shift', 'Enter'] },
  { what: 'During a run: stop it and send the message first', keys: ['Ctrl', 'Enter'] },
  { what: 'While the trace is open: next step, step before', keys: ['J', 'K'] },
  { what: 'In the list of sessions: go up and down', keys: ['↑', '↓'] },
  { what: 'In the list of sessions: rename', keys: ['F2'] },
  { what: 'In the list of sessions: delete', keys: ['Delete'] },
];

/**
 * Shows the list of keyboard shortcuts, which is made when somebody wants it for the first time.
 * @param {HTMLDialogElement} dialog @param {HTMLElement} rows
 */
export function showHelp(dialog, rows) {
  if (rows.childElementCount === 0) {
    const onMac = /Mac|iPhone|iPad/.test(navigator.platform);
    rows.append(...[...LOCAL_SHORTCUTS, ...SHORTCUTS].map(({ what, keys }) =>
      make('tr', {}, make('th', { scope: 'row' }, what), make('td', {}, ...keysOf(keys, onMac)))));
  }

  if (!dialog.open) {
    dialog.showModal();
  }
}

function keysOf(keys, onMac) {
  return keys.flatMap((key, index) => {
    const cap = make('kbd', {}, onMac && key === 'Ctrl' ? '⌘' : key);
    return index === 0 ? [cap] : [' ', cap];
  });
}
