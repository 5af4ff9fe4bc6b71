/**
 * Every key of the console, where it works and what it does; the line at the bottom and the help are made from this.
 * Knows names of keys and actions; nothing about what an action changes.
 */
import type { Key } from 'ink';
import { PASTE } from './state/field.ts';

/** Where keys work, the innermost first: a dialog before a form before a screen before everywhere. */
export type Place =
  | 'confirm'
  | 'help'
  | 'form'
  | 'typing'
  | 'list'
  | 'everywhere'
  | 'overview'
  | 'builds'
  | 'index'
  | 'ask'
  | 'compare'
  | 'picking'
  | 'set'
  | 'traffic'
  | 'settings';

export interface Binding {
  place: Place;
  keys: readonly string[];
  action: Action;
  label: string;
  /** Not in the line at the bottom. */
  quiet?: boolean;
}

const MOVES = [
  { place: 'list', keys: ['up', 'k'], action: 'up', label: 'up', quiet: true },
  { place: 'list', keys: ['down', 'j'], action: 'down', label: 'down', quiet: true },
  { place: 'list', keys: ['page-up', 'ctrl-b'], action: 'page-up', label: 'ten up', quiet: true },
  { place: 'list', keys: ['page-down', 'ctrl-f'], action: 'page-down', label: 'ten down', quiet: true },
  { place: 'list', keys: ['home', 'g'], action: 'first', label: 'first', quiet: true },
  { place: 'list', keys: ['end', 'G'], action: 'last', label: 'last', quiet: true },
  { place: 'list', keys: ['/'], action: 'filter', label: 'filter' },
] as const;

const EVERYWHERE = [
  { place: 'everywhere', keys: ['1'], action: 'overview', label: 'Overview', quiet: true },
  { place: 'everywhere', keys: ['2'], action: 'builds', label: 'Builds', quiet: true },
  { place: 'everywhere', keys: ['3'], action: 'index', label: 'Index', quiet: true },
  { place: 'everywhere', keys: ['4'], action: 'ask', label: 'Ask', quiet: true },
  { place: 'everywhere', keys: ['5'], action: 'compare', label: 'Compare', quiet: true },
  { place: 'everywhere', keys: ['6'], action: 'traffic', label: 'Traffic', quiet: true },
  { place: 'everywhere', keys: ['7'], action: 'settings', label: 'Settings', quiet: true },
  {
    place: 'everywhere',
    keys: ['tab', 'right', 'l'],
    action: 'next-screen',
    label: 'next screen',
    quiet: true,
  },
  {
    place: 'everywhere',
    keys: ['shift-tab', 'left', 'h'],
    action: 'previous-screen',
    label: 'screen before',
    quiet: true,
  },
  { place: 'everywhere', keys: ['esc'], action: 'back', label: 'back', quiet: true },
  { place: 'everywhere', keys: ['ctrl-l'], action: 'redraw', label: 'draw anew', quiet: true },
  { place: 'everywhere', keys: ['?'], action: 'help', label: 'all keys' },
  { place: 'everywhere', keys: ['q', 'ctrl-c'], action: 'quit', label: 'quit' },
] as const;

const BUILDS = [
  { place: 'builds', keys: ['n'], action: 'new-build', label: 'new' },
  { place: 'builds', keys: ['enter', 'a'], action: 'activate', label: 'activate' },
  { place: 'builds', keys: ['p'], action: 'pause', label: 'pause, go on' },
  { place: 'builds', keys: ['c'], action: 'cancel', label: 'cancel' },
  { place: 'builds', keys: ['r'], action: 'resume', label: 'resume' },
  { place: 'builds', keys: ['b'], action: 'roll-back', label: 'roll back' },
  { place: 'builds', keys: ['v'], action: 'verify', label: 'verify' },
  { place: 'builds', keys: ['x'], action: 'remove', label: 'remove' },
] as const;

const SCREENS = [
  { place: 'overview', keys: ['tab'], action: 'next-screen', label: 'next screen' },
  { place: 'overview', keys: ['r'], action: 'start-bots', label: 'start the bots', quiet: true },
  { place: 'index', keys: ['i', 'enter'], action: 'edit-question', label: 'try a question' },
  { place: 'index', keys: ['up', 'k'], action: 'up', label: 'fewer lists', quiet: true },
  { place: 'index', keys: ['down', 'j'], action: 'down', label: 'more lists', quiet: true },
  { place: 'ask', keys: ['i', 'enter'], action: 'edit-question', label: 'ask' },
  { place: 'ask', keys: ['up', 'k'], action: 'up', label: 'previous citation', quiet: true },
  { place: 'ask', keys: ['down', 'j'], action: 'down', label: 'next citation' },
  { place: 'ask', keys: ['t'], action: 'trace', label: 'trace, prompt' },
  { place: 'ask', keys: ['m'], action: 'next-method', label: 'method' },
  { place: 'ask', keys: ['s'], action: 'stop', label: 'stop' },
  { place: 'ask', keys: ['page-down', 'ctrl-f'], action: 'page-down', label: 'scroll down', quiet: true },
  { place: 'ask', keys: ['page-up', 'ctrl-b'], action: 'page-up', label: 'scroll up', quiet: true },
  { place: 'compare', keys: ['i', 'enter'], action: 'edit-question', label: 'ask' },
  { place: 'compare', keys: ['m'], action: 'pick-methods', label: 'methods' },
  { place: 'compare', keys: ['a'], action: 'vote-a', label: 'a–d vote' },
  { place: 'compare', keys: ['b'], action: 'vote-b', label: 'vote for the second', quiet: true },
  { place: 'compare', keys: ['c'], action: 'vote-c', label: 'vote for the third', quiet: true },
  { place: 'compare', keys: ['d'], action: 'vote-d', label: 'vote for the fourth', quiet: true },
  { place: 'compare', keys: ['o'], action: 'vote-none', label: 'none', quiet: true },
  { place: 'compare', keys: ['w'], action: 'toggle-answers', label: 'with answers' },
  { place: 'compare', keys: ['e'], action: 'question-set', label: 'a set' },
  { place: 'compare', keys: ['s'], action: 'stop', label: 'stop' },
  { place: 'picking', keys: [' '], action: 'toggle', label: 'take, let go' },
  { place: 'picking', keys: ['up', 'k'], action: 'up', label: 'up', quiet: true },
  { place: 'picking', keys: ['down', 'j'], action: 'down', label: 'down', quiet: true },
  { place: 'picking', keys: ['enter', 'esc', 'm'], action: 'back', label: 'done' },
  { place: 'set', keys: ['i', 'enter'], action: 'edit-question', label: 'another set' },
  { place: 'set', keys: ['o'], action: 'sort', label: 'order' },
  { place: 'set', keys: ['p'], action: 'pair', label: 'next pair' },
  { place: 'set', keys: ['w'], action: 'toggle-answers', label: 'with answers' },
  { place: 'set', keys: ['up', 'k'], action: 'up', label: 'up', quiet: true },
  { place: 'set', keys: ['down', 'j'], action: 'down', label: 'down', quiet: true },
  { place: 'set', keys: ['e', 'esc'], action: 'question-set', label: 'one question' },
  { place: 'set', keys: ['s'], action: 'stop', label: 'stop' },
  { place: 'traffic', keys: ['enter'], action: 'open', label: 'open' },
  { place: 'traffic', keys: ['o'], action: 'order', label: 'order' },
  { place: 'traffic', keys: ['e'], action: 'export', label: 'export as JSONL' },
  { place: 'settings', keys: ['t', 'enter'], action: 'next-tab', label: 'settings, models, checks' },
  { place: 'settings', keys: ['p'], action: 'pull', label: 'pull the model' },
  { place: 'settings', keys: ['c'], action: 'check', label: 'check again' },
] as const;

const FORM = [
  { place: 'form', keys: ['tab'], action: 'next-field', label: 'next' },
  { place: 'form', keys: ['shift-tab'], action: 'previous-field', label: 'before', quiet: true },
  { place: 'form', keys: ['up'], action: 'up', label: 'up', quiet: true },
  { place: 'form', keys: ['down'], action: 'down', label: 'down', quiet: true },
  { place: 'form', keys: ['enter'], action: 'submit', label: 'take' },
  { place: 'form', keys: ['ctrl-s'], action: 'start', label: 'start the build' },
  { place: 'form', keys: ['esc'], action: 'back', label: 'leave' },
  { place: 'form', keys: ['ctrl-c'], action: 'quit', label: 'quit', quiet: true },
] as const;

const DIALOGS = [
  { place: 'confirm', keys: ['y', 'enter'], action: 'yes', label: 'yes' },
  { place: 'confirm', keys: ['n', 'esc', 'q', 'ctrl-c'], action: 'no', label: 'no' },
  { place: 'help', keys: ['esc', '?', 'q', 'enter'], action: 'back', label: 'close' },
  { place: 'help', keys: ['ctrl-c'], action: 'quit', label: 'quit' },
  { place: 'typing', keys: ['enter'], action: 'submit', label: 'done' },
  { place: 'typing', keys: ['esc'], action: 'back', label: 'leave' },
  { place: 'typing', keys: ['tab'], action: 'next-screen', label: 'next screen' },
  { place: 'typing', keys: ['shift-tab'], action: 'previous-screen', label: 'screen before', quiet: true },
  { place: 'typing', keys: ['ctrl-c'], action: 'quit', label: 'quit', quiet: true },
] as const;

export const BINDINGS: readonly Binding[] = [
  ...DIALOGS,
  ...FORM,
  ...BUILDS,
  ...SCREENS,
  ...MOVES,
  ...EVERYWHERE,
];

export type Action = (
  | (typeof DIALOGS)[number]
  | (typeof FORM)[number]
  | (typeof BUILDS)[number]
  | (typeof SCREENS)[number]
  | (typeof MOVES)[number]
  | (typeof EVERYWHERE)[number]
)['action'];

/** What a key does in the innermost of `places` that knows it. */
export function actionOf(places: Place[], key: string): Action | undefined {
  for (const place of places) {
    const found = BINDINGS.find((binding) => binding.place === place && binding.keys.includes(key));
    if (found !== undefined) return found.action;
  }
  return undefined;
}

const NAMES: [keyof Key, string][] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'page-up'],
  ['pageDown', 'page-down'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
];

const CONTROLS: Record<string, string> = {
  '\r': 'enter',
  '\n': 'enter',
  '\r\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
};
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What one input event of the terminal stands for: names of keys, or typed graphemes, in order. */
export function keysOf(input: string, key: Key): string[] {
  if (key.tab) return [key.shift ? 'shift-tab' : 'tab'];
  // Terminals send the backspace key as either.
  if (key.backspace || key.delete) return ['backspace'];
  const named = NAMES.find(([flag]) => key[flag]);
  if (named !== undefined) return [named[1]];
  if (key.ctrl) return input === '' ? [] : [`ctrl-${input}`];
  // Keys that come close together are one input event.
  const keys = [...segmenter.segment(input)].map(({ segment }) => CONTROLS[segment] ?? controlled(segment));
  return key.meta ? ['esc', ...keys] : keys;
}

/** `ctrl-a` to `ctrl-z` are the characters 1 to 26. */
function controlled(segment: string): string {
  const code = segment.charCodeAt(0);
  return code >= 1 && code <= 26 ? `ctrl-${String.fromCharCode(code + 96)}` : segment;
}

/** Text that was pasted, as a key: it is never taken for a key's name. */
export const pasted = (text: string): string => PASTE + text;

/** How a key is shown. */
export function shown(key: string): string {
  const marks: Record<string, string> = {
    ' ': 'space',
    up: '↑',
    down: '↓',
    left: '←',
    right: '→',
    enter: '⏎',
  };
  if (key.startsWith('ctrl-')) return `^${key.slice(5).toUpperCase()}`;
  return marks[key] ?? key;
}
