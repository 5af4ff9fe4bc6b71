/**
 * Settings with their origins, models with their state, and the doctor's checks: three lists on one screen. Pure.
 */
import type { HealthCheck } from '../../core/index.ts';
import type { Action } from '../keys.ts';
import { emptyList, filtered, isMove, type List, move } from './list.ts';
import type { Effect } from './types.ts';

export interface SettingRow {
  name: string;
  value: string;
  origin: string;
  flag: string;
  variable: string;
  about: string;
}

export interface ModelRow {
  name: string;
  role: string;
  about: string;
  here: boolean;
  /** On disk. */
  bytes: number;
  damage?: string | undefined;
}

export interface PullView {
  name: string;
  done: number;
  total?: number | undefined;
}

export const TABS = ['settings', 'models', 'checks'] as const;

export interface SettingsState {
  tab: (typeof TABS)[number];
  list: List;
  settings: SettingRow[];
  /** Path of the config file. */
  file: string;
  models: ModelRow[];
  pulling?: PullView | undefined;
  checks: HealthCheck[];
  checking: boolean;
}

export const noSettings: SettingsState = {
  ...{ tab: 'settings', list: emptyList, settings: [], file: '', models: [], checks: [], checking: false },
};

export function shownSettings({ list, settings }: SettingsState): SettingRow[] {
  return filtered(list, settings, ({ name, about, value }) => `${name} ${about} ${value}`);
}

export function shownModels({ list, models }: SettingsState): ModelRow[] {
  return filtered(list, models, ({ name, role, about }) => `${name} ${role} ${about}`);
}

/** Failures first, then warnings. */
export function shownChecks({ list, checks }: SettingsState): HealthCheck[] {
  const order = { fail: 0, warn: 1, ok: 2 };
  const sorted = [...checks].sort((a, b) => order[a.ok] - order[b.ok]);
  return filtered(list, sorted, ({ name, detail }) => `${name} ${detail}`);
}

function countOf(state: SettingsState): number {
  if (state.tab === 'settings') return shownSettings(state).length;
  return state.tab === 'models' ? shownModels(state).length : shownChecks(state).length;
}

export function actOnSettings(state: SettingsState, action: Action): [SettingsState, Effect[]] {
  if (isMove(action)) return [{ ...state, list: move(state.list, action, countOf(state)) }, []];
  switch (action) {
    case 'next-tab': {
      const tab = TABS[(TABS.indexOf(state.tab) + 1) % TABS.length] ?? 'settings';
      const first = tab === 'checks' && state.checks.length === 0;
      return [{ ...state, tab, list: emptyList }, first ? [{ type: 'check' }] : []];
    }
    case 'check':
      return state.checking
        ? [state, []]
        : [{ ...state, tab: 'checks', list: emptyList }, [{ type: 'check' }]];
    case 'pull': {
      const model = state.tab === 'models' ? shownModels(state)[state.list.selected] : undefined;
      if (model === undefined || model.here || state.pulling !== undefined) return [state, []];
      return [{ ...state, pulling: { name: model.name, done: 0 } }, [{ type: 'pull', name: model.name }]];
    }
    default:
      return [state, []];
  }
}
