/**
 * The page's keyboard shortcuts that always hold. Each has a modifier: none is a letter alone, which speech input and a slip of the finger
 * would set off.
 * @typedef {{ name: string, what: string, keys: string[], matches: (event: KeyboardEvent) => boolean }} Shortcut
 */

/** @type {Shortcut[]} those that hold on the whole page */
export const SHORTCUTS = [
  {
    name: 'new',
    what: 'New chat',
    keys: ['Ctrl', 'Shift', 'O'],
    matches: (event) => command(event) && event.shiftKey && letter(event, 'o'),
  },
  {
    name: 'search',
    what: 'Search sessions',
    keys: ['Ctrl', 'K'],
    matches: (event) => command(event) && !event.shiftKey && letter(event, 'k'),
  },
  {
    name: 'sidebar',
    what: 'Show or hide the list of sessions',
    keys: ['Ctrl', 'B'],
    matches: (event) => command(event) && !event.shiftKey && letter(event, 'b'),
  },
  {
    name: 'next',
    what: 'Next session',
    keys: ['Alt', 'Shift', '↓'],
    matches: (event) => event.altKey && event.shiftKey && event.key === 'ArrowDown',
  },
  {
    name: 'previous',
    what: 'Previous session',
    keys: ['Alt', 'Shift', '↑'],
    matches: (event) => event.altKey && event.shiftKey && event.key === 'ArrowUp',
  },
  { name: 'write', what: 'To the message box', keys: ['Shift', 'Esc'], matches: (event) => event.shiftKey && event.key === 'Escape' },
  { name: 'stop', what: 'Stop the run', keys: ['Ctrl', '.'], matches: (event) => command(event) && event.key === '.' },
  { name: 'help', what: 'This list', keys: ['Ctrl', '/'], matches: (event) => command(event) && event.key === '/' },
];

/** @param {KeyboardEvent} event @returns {string | null} the shortcut's name */
export function shortcutOf(event) {
  return event.isComposing ? null : SHORTCUTS.find(({ matches }) => matches(event))?.name ?? null;
}

function command(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey;
}

function letter(event, wanted) {
  return event.key.toLowerCase() === wanted;
}
