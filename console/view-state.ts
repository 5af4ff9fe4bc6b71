/**
 * What the console shows next, from what it shows and what it is told: keys, events, time. Pure; what is to be done outside is
 * given back as effects. Each screen's own part is in state/.
 */
import { type Action, actionOf, type Place } from './keys.ts';
import { actOnBuilds, noBuilds, withEntries, withSummaries } from './state/builds.ts';
import { filterBy, type List } from './state/list.ts';
import { isOpen } from './state/run.ts';
import {
  type Effect,
  type Message,
  type ProcessView,
  SCREENS,
  type ScreenName,
  type ViewState,
} from './state/types.ts';

export type Next = [ViewState, Effect[]];

export function firstState(size: ViewState['size'], now: number): ViewState {
  return {
    ...{
      size,
      now,
      startedAt: now,
      screen: 'overview',
      ready: false,
      data: '',
      help: false,
      filtering: false,
    },
    ...{ builds: noBuilds, processes: [] },
  };
}

/** A notice that nobody has to act on goes by itself. */
const NOTICE_MS = 8_000;

export function update(state: ViewState, message: Message): Next {
  switch (message.type) {
    case 'key':
      return onKey(state, message.key);
    case 'resize':
      return [{ ...state, size: { columns: message.columns, rows: message.rows } }, []];
    case 'tick': {
      const { notice } = state;
      const over = notice !== undefined && notice.tone === 'good' && message.now - notice.at > NOTICE_MS;
      return [{ ...state, now: message.now, ...(over && { notice: undefined }) }, []];
    }
    case 'ready':
      return [{ ...state, ready: true, data: message.data }, []];
    case 'builds':
      return [{ ...state, builds: withSummaries(state.builds, message.summaries, message.previous) }, []];
    case 'run':
      return [
        { ...state, builds: withEntries(state.builds, message.name, message.entries, message.alive) },
        [],
      ];
    case 'processes':
      return [withProcesses(state, message), []];
    case 'verify-progress': {
      const { name, done, total } = message;
      return [{ ...state, builds: { ...state.builds, verifying: { name, done, total } } }, []];
    }
    case 'verify-end': {
      const text = `Build "${message.name}" is whole: ${message.files} files, and it finds its own text.`;
      return [told({ ...state, builds: { ...state.builds, verifying: undefined } }, 'good', text), []];
    }
    case 'done':
      return [told(state, 'good', message.text), []];
    case 'failed':
      return [failed(state, message), []];
  }
}

function told(state: ViewState, tone: 'good' | 'warn' | 'bad', text: string, mend?: string): ViewState {
  return { ...state, notice: { tone, text, mend, at: state.now } };
}

function failed(state: ViewState, { what, message, hint }: Extract<Message, { type: 'failed' }>): ViewState {
  const builds = what === 'verify' ? { ...state.builds, verifying: undefined } : state.builds;
  return told({ ...state, builds }, 'bad', message, hint);
}

/** Where a key may mean something, the innermost place first. */
export function placesOf(state: ViewState): Place[] {
  if (state.confirm !== undefined) return ['confirm'];
  if (state.help) return ['help'];
  if (state.filtering) return ['typing'];
  return [state.screen, ...(listOf(state) === undefined ? [] : (['list'] as const)), 'everywhere'];
}

/** The list that the present screen is about. */
function listOf({ screen, builds }: ViewState): List | undefined {
  return screen === 'builds' ? builds.list : undefined;
}

function withList(state: ViewState, list: List): ViewState {
  return state.screen === 'builds' ? { ...state, builds: { ...state.builds, list } } : state;
}

function onKey(state: ViewState, key: string): Next {
  const action = actionOf(placesOf(state), key);
  if (state.filtering) return onFilterKey(state, key, action);
  return action === undefined ? [state, []] : act(state, action);
}

function onFilterKey(state: ViewState, key: string, action: Action | undefined): Next {
  const list = listOf(state);
  if (list === undefined || action === 'submit') return [{ ...state, filtering: false }, []];
  if (action === 'quit') return act(state, action);
  if (action === 'back') return [{ ...withList(state, filterBy(list, 'ctrl-u')), filtering: false }, []];
  return [withList(state, filterBy(list, key)), []];
}

function act(state: ViewState, action: Action): Next {
  switch (action) {
    case 'yes':
      return [{ ...state, confirm: undefined }, state.confirm?.effects ?? []];
    case 'no':
      return [{ ...state, confirm: undefined }, []];
    case 'help':
      return [{ ...state, help: true }, []];
    case 'back':
      return [back(state), []];
    case 'quit':
      return quit(state);
    case 'redraw':
      return [state, [{ type: 'redraw' }]];
    case 'filter':
      return [{ ...state, filtering: true }, []];
    case 'next-screen':
      return [beside(state, 1), []];
    case 'previous-screen':
      return [beside(state, -1), []];
    default:
      if ((SCREENS as readonly string[]).includes(action))
        return [{ ...state, screen: action as ScreenName }, []];
      return state.screen === 'builds' ? actOnBuilds(state, action) : [state, []];
  }
}

/** Esc takes away one thing: the help, a notice, a filter, at last the screen. */
function back(state: ViewState): ViewState {
  if (state.help) return { ...state, help: false };
  if (state.notice !== undefined) return { ...state, notice: undefined };
  const list = listOf(state);
  if (list !== undefined && list.filter.text !== '') return withList(state, filterBy(list, 'ctrl-u'));
  return { ...state, screen: 'overview' };
}

function beside(state: ViewState, step: number): ViewState {
  const at = SCREENS.indexOf(state.screen);
  const screen = SCREENS[(at + step + SCREENS.length) % SCREENS.length] as ScreenName;
  return { ...state, screen };
}

/** Builds run in processes of their own and go on; what would be lost is asked about. */
function quit(state: ViewState): Next {
  if (state.confirm !== undefined || state.builds.verifying === undefined) return [state, [{ type: 'quit' }]];
  const confirm = {
    question: 'Leave the console?',
    detail: `Verifying "${state.builds.verifying.name}" would be stopped.`,
    effects: [{ type: 'quit' } as const],
  };
  return [{ ...state, confirm, help: false, filtering: false }, []];
}

function withProcesses(
  state: ViewState,
  { processes, machine }: Extract<Message, { type: 'processes' }>,
): ViewState {
  const elapsed = Math.max(1, state.now - (state.processesAt ?? state.now - 1));
  const before = new Map(state.processes.map((process) => [process.pid, process]));
  const views = processes.map((process): ProcessView => {
    const earlier = before.get(process.pid);
    const percent = earlier === undefined ? 0 : (100 * Math.max(0, process.cpuMs - earlier.cpuMs)) / elapsed;
    return { ...process, percent };
  });
  return { ...state, processes: views, processesAt: state.now, machine };
}

/** Builds whose process runs, so that whoever leaves can be told. */
export function openRuns({ builds }: ViewState): string[] {
  return Object.values(builds.runs)
    .filter(isOpen)
    .map(({ name }) => name);
}
