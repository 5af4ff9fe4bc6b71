/**
 * Where the console is, which decides what a key means: the places of bindings, innermost first, and the list. Pure.
 */
import type { Place } from '../keys.ts';
import type { List } from './list.ts';
import type { ScreenName, ViewState } from './types.ts';

/** Where a key may mean something, the innermost place first. */
export function placesOf(state: ViewState): Place[] {
  const { screen } = state;
  if (state.confirm !== undefined) return ['confirm'];
  if (state.help) return ['help'];
  if (screen === 'builds' && state.form !== undefined) return ['form'];
  if (state.filtering || isTyping(state)) return ['typing'];
  if (screen === 'compare' && state.compare.mode === 'picking') return ['picking', 'everywhere'];
  if (screen === 'compare' && state.compare.mode === 'set') return ['set', 'everywhere'];
  return [screen, ...(listOf(state) === undefined ? [] : (['list'] as const)), 'everywhere'];
}

/** A question is being typed. */
function isTyping({ screen, ask, index, compare }: ViewState): boolean {
  if (screen === 'compare')
    return compare.mode === 'set' ? compare.set.typing : compare.typing && compare.mode === 'columns';
  return (screen === 'ask' && ask.typing) || (screen === 'index' && index.typing);
}

type ListScreen = 'builds' | 'traffic' | 'settings';
const hasList = (screen: ScreenName): screen is ListScreen =>
  screen === 'builds' || screen === 'traffic' || screen === 'settings';

/** The list that the present screen is about. */
export function listOf(state: ViewState): List | undefined {
  return hasList(state.screen) ? state[state.screen].list : undefined;
}

export function withList(state: ViewState, list: List): ViewState {
  return hasList(state.screen) ? { ...state, [state.screen]: { ...state[state.screen], list } } : state;
}
