/**
 * One question searched with several numbers of lists, and which true neighbours each of them loses. Pure.
 */
import type { Probe } from '../../core/index.ts';
import type { Action } from '../keys.ts';
import { edit, emptyField, type Field } from './field.ts';
import type { Effect } from './types.ts';

export interface IndexState {
  typing: boolean;
  question: Field;
  running: boolean;
  probe?: Probe | undefined;
  /** Position in what was tried. */
  chosen: number;
  failure?: { message: string; hint?: string | undefined } | undefined;
}

export const noProbe: IndexState = { typing: false, question: emptyField, running: false, chosen: 0 };

export function onProbeTyping(
  state: IndexState,
  key: string,
  action: Action | undefined,
): [IndexState, Effect[]] {
  if (action === 'back') return [{ ...state, typing: false }, []];
  if (action !== 'submit') return [{ ...state, question: edit(state.question, key) }, []];
  const question = state.question.text.trim();
  if (question === '') return [state, []];
  return [
    { ...state, typing: false, running: true, probe: undefined, failure: undefined, chosen: 0 },
    [{ type: 'probe', question }],
  ];
}

export function actOnIndex(state: IndexState, action: Action): [IndexState, Effect[]] {
  const count = state.probe?.tries.length ?? 0;
  if (action === 'edit-question') return [{ ...state, typing: true }, []];
  if (action === 'down')
    return [{ ...state, chosen: Math.max(0, Math.min(count - 1, state.chosen + 1)) }, []];
  if (action === 'up') return [{ ...state, chosen: Math.max(0, state.chosen - 1) }, []];
  return [state, []];
}
