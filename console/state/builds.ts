/**
 * What the console knows about builds and their runs, and the list of both. Pure: knows the core's facts and actions.
 */
import type { BuildSummary, JournalEntry } from '../../core/index.ts';
import type { Action } from '../keys.ts';
import { newForm } from './form.ts';
import { emptyList, filtered, isMove, type List, move, within } from './list.ts';
import { follow, isOpen, newRun, type RunView, seen } from './run.ts';
import type { Effect, ViewState } from './types.ts';

export interface BuildsState {
  list: List;
  summaries: BuildSummary[];
  /** The build that was active before. */
  previous?: string | undefined;
  runs: Record<string, RunView>;
  /** A build that has begun, to be selected as soon as it appears. */
  follow?: string | undefined;
  /** Being verified: bytes read of how many. */
  verifying?: { name: string; done: number; total?: number | undefined } | undefined;
}

export const noBuilds: BuildsState = { list: emptyList, summaries: [], runs: {} };

/** One line of the list: a build, its run, or both. */
export interface BuildItem {
  name: string;
  summary?: BuildSummary;
  run?: RunView;
}

/** Running ones first, then the active one, then by name; as the filter leaves them. */
export function buildItems({ summaries, runs, list }: BuildsState): BuildItem[] {
  const names = new Set([...summaries.map(({ name }) => name), ...Object.keys(runs)]);
  const items = [...names].map((name): BuildItem => {
    const summary = summaries.find((known) => known.name === name);
    const run = runs[name];
    // A run that is over says nothing new about a build that is whole.
    const told = run !== undefined && (isOpen(run) || summary?.whole !== true || run.failure !== undefined);
    return { name, ...(summary && { summary }), ...(told && { run }) };
  });
  const order = ({ run, summary }: BuildItem) =>
    run !== undefined && isOpen(run) ? 0 : summary?.active ? 1 : run === undefined ? 2 : 3;
  items.sort((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1));
  return filtered(list, items, ({ name, summary }) => `${name} ${summary?.manifest?.model.name ?? ''}`);
}

function selectedBuild(state: BuildsState): BuildItem | undefined {
  return buildItems(state)[state.list.selected];
}

export function withSummaries(
  state: BuildsState,
  summaries: BuildSummary[],
  previous: string | undefined,
): BuildsState {
  return settled({ ...state, summaries, previous }, state);
}

export function withEntries(
  state: BuildsState,
  name: string,
  entries: JournalEntry[],
  alive: boolean,
): BuildsState {
  const before = state.runs[name];
  const run = seen(entries.reduce(follow, before ?? newRun(name)), alive);
  if (run === before) return state;
  // A build that starts to run is selected, unless the user has moved away from the top.
  const first = before === undefined && isOpen(run) && state.list.selected === 0;
  const next = { ...state, runs: { ...state.runs, [name]: run }, ...(first && { follow: name }) };
  return settled(next, state);
}

export function withoutRun(state: BuildsState, name: string): BuildsState {
  const { [name]: _, ...runs } = state.runs;
  return settled({ ...state, runs }, state);
}

/** The chosen build stays chosen when others come, go or change places. */
function settled(state: BuildsState, before: BuildsState): BuildsState {
  const chosen = state.follow ?? selectedBuild(before)?.name;
  const items = buildItems(state);
  const at = items.findIndex(({ name }) => name === chosen);
  if (at < 0) return { ...state, list: within(state.list, items.length) };
  return { ...state, follow: undefined, list: { ...state.list, selected: at } };
}

/** The builds screen after an action on the selected build. */
export function actOnBuilds(state: ViewState, action: Action): [ViewState, Effect[]] {
  const { builds } = state;
  const items = buildItems(builds);
  const item = items[builds.list.selected];
  const stay: [ViewState, Effect[]] = [state, []];
  if (isMove(action))
    return [{ ...state, builds: { ...builds, list: move(builds.list, action, items.length) } }, []];
  switch (action) {
    case 'activate':
      if (item?.summary?.manifest === undefined || item.summary.active) return stay;
      return [state, [{ type: 'activate', name: item.name }]];
    case 'roll-back':
      return builds.previous === undefined ? stay : [state, [{ type: 'activate', name: builds.previous }]];
    case 'verify':
      if (item?.summary?.manifest === undefined || builds.verifying !== undefined) return stay;
      return [
        { ...state, builds: { ...builds, verifying: { name: item.name, done: 0 } } },
        [{ type: 'verify', name: item.name }],
      ];
    case 'new-build': {
      const [form, effects] = newForm();
      return [{ ...state, form }, effects];
    }
    case 'pause':
      if (item?.run === undefined || !isOpen(item.run)) return stay;
      return [
        state,
        [{ type: 'want', name: item.name, wanted: item.run.status === 'paused' ? 'run' : 'pause' }],
      ];
    case 'resume':
      if (item === undefined || item.summary?.whole || (item.run !== undefined && isOpen(item.run)))
        return stay;
      return [state, [{ type: 'resume', name: item.name }]];
    case 'cancel':
      if (item?.run === undefined || !isOpen(item.run)) return stay;
      return [
        {
          ...state,
          confirm: {
            question: `Cancel build "${item.name}"?`,
            detail: 'What is done is kept: it can be resumed at any time.',
            effects: [{ type: 'want', name: item.name, wanted: 'cancel' }],
          },
        },
        [],
      ];
    case 'remove': {
      if (item === undefined || item.summary?.active || (item.run !== undefined && isOpen(item.run)))
        return stay;
      const lost = item.summary?.manifest;
      return [
        {
          ...state,
          confirm: {
            question: `Remove build "${item.name}"?`,
            detail: lost
              ? `${lost.chunks.toLocaleString('en-US')} chunks and their vectors are deleted for good.`
              : 'What was done of it is deleted for good.',
            effects: [{ type: 'remove', name: item.name }],
          },
        },
        [],
      ];
    }
    default:
      return stay;
  }
}
