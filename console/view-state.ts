/**
 * What the console shows next, from what it shows and what it is told: keys, events, time. Pure; what is to be done outside is
 * given back as effects. Each screen's own part is in state/.
 */
import { type Action, actionOf, type Place } from './keys.ts';
import { actOnAsk, askFailed, noQuestion, onAskEvent, onAskTyping } from './state/ask.ts';
import { actOnBuilds, noBuilds, withEntries, withSummaries } from './state/builds.ts';
import {
  actOnCompare,
  compareFailed,
  noComparison,
  onCompareEvent,
  onCompareTyping,
  onPicking,
} from './state/compare.ts';
import { folderOf, onFormKey, withModels } from './state/form.ts';
import { filterBy, type List } from './state/list.ts';
import { actOnIndex, noProbe, onProbeTyping } from './state/probe.ts';
import { disagreeing, onEvaluateEvent } from './state/question-set.ts';
import { isOpen } from './state/run.ts';
import { actOnSettings, noSettings } from './state/settings.ts';
import { actOnTraffic, noTraffic } from './state/traffic.ts';
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
    ...{
      builds: noBuilds,
      index: noProbe,
      ask: noQuestion,
      compare: noComparison,
      traffic: noTraffic,
      settings: noSettings,
    },
    ...{ methods: [], processes: [] },
  };
}

/** A notice that nobody has to act on goes by itself. */
const NOTICE_MS = 8_000;

export function update(state: ViewState, message: Message): Next {
  if (message.type === 'key') return onKey(state, message.key);
  if (message.type === 'ask-event') {
    const [ask, effects] = onAskEvent(state.ask, message.id, message.event);
    return [{ ...state, ask }, effects];
  }
  if (message.type === 'evaluation') {
    const set = {
      ...state.compare.set,
      result: message.evaluation,
      running: false,
      progress: undefined,
      pair: 0,
    };
    return [{ ...state, compare: { ...state.compare, set } }, disagreeing(set)];
  }
  return [heard(state, message), []];
}

type Fact = Exclude<Message, { type: 'key' | 'ask-event' | 'evaluation' }>;

/** The state after a fact from outside, which asks for nothing. */
function heard(state: ViewState, message: Fact): ViewState {
  const { builds, form, settings, compare } = state;
  switch (message.type) {
    case 'resize':
      return { ...state, size: { columns: message.columns, rows: message.rows } };
    case 'tick': {
      const { notice } = state;
      const over = notice?.tone === 'good' && message.now - notice.at > NOTICE_MS;
      return { ...state, now: message.now, ...(over && { notice: undefined }) };
    }
    case 'ready': {
      const { data, method, methods, settings: rows, file } = message;
      return {
        ...state,
        ready: true,
        data,
        methods,
        ask: { ...state.ask, method },
        settings: { ...settings, settings: rows, file },
      };
    }
    case 'builds':
      return { ...state, builds: withSummaries(builds, message.summaries, message.previous) };
    case 'run': {
      const next = withEntries(builds, message.name, message.entries, message.alive);
      return next === builds ? state : { ...state, builds: next };
    }
    case 'run-gone': {
      const { [message.name]: _, ...runs } = builds.runs;
      return { ...state, builds: { ...builds, runs } };
    }
    case 'processes':
      return withProcesses(state, message);
    case 'verify-progress': {
      const { name, done, total } = message;
      return { ...state, builds: { ...builds, verifying: { name, done, total } } };
    }
    case 'verify-end': {
      const text = `Build "${message.name}" is whole: ${message.files} files, and it finds its own text.`;
      return told({ ...state, builds: { ...builds, verifying: undefined } }, 'good', text);
    }
    case 'folder':
      // An answer about a folder that was typed past comes too late.
      if (form === undefined || message.path !== folderOf(form.texts.source.text)) return state;
      return {
        ...state,
        form: { ...form, folder: { path: message.path, entries: message.entries }, picked: 0 },
      };
    case 'models': {
      const names = message.models.filter(({ role }) => role === 'embedding').map(({ name }) => name);
      const next = { ...state, settings: { ...settings, models: message.models } };
      return form === undefined ? next : { ...next, form: withModels(form, names) };
    }
    case 'estimate':
      if (form === undefined || form.asked !== JSON.stringify(message.order)) return state;
      return { ...state, form: { ...form, estimate: message.estimate, working: undefined } };
    case 'build-begun':
      return told(
        { ...state, form: undefined, builds: { ...builds, list: { ...builds.list, selected: 0 } } },
        'good',
        `Build "${message.name}" has begun; it goes on when the console is closed.`,
      );
    case 'passage':
      return {
        ...state,
        ask: { ...state.ask, passage: { chunkId: message.chunkId, chunks: message.chunks } },
      };
    case 'compare-event':
      return { ...state, compare: onCompareEvent(state.compare, message.id, message.event) };
    case 'evaluate-event':
      return { ...state, compare: { ...compare, set: onEvaluateEvent(compare.set, message.event) } };
    case 'disagreements':
      return {
        ...state,
        compare: { ...compare, set: { ...compare.set, disagreements: message.disagreements } },
      };
    case 'probe':
      return { ...state, index: { ...state.index, probe: message.probe, running: false } };
    case 'traffic':
      return { ...state, traffic: { ...state.traffic, rows: message.rows } };
    case 'check-start':
      return { ...state, settings: { ...settings, checks: [], checking: true } };
    case 'check':
      return { ...state, settings: { ...settings, checks: [...settings.checks, message.check] } };
    case 'check-end':
      return { ...state, settings: { ...settings, checking: false } };
    case 'pull-progress': {
      const { name, done, total } = message;
      return { ...state, settings: { ...settings, pulling: { name, done, total } } };
    }
    case 'pull-end':
      return told(
        { ...state, settings: { ...settings, pulling: undefined } },
        'good',
        `${message.name} is here.`,
      );
    case 'done':
      return told(state, 'good', message.text);
    case 'failed':
      return failed(state, message);
  }
}

function told(state: ViewState, tone: 'good' | 'warn' | 'bad', text: string, mend?: string): ViewState {
  return { ...state, notice: { tone, text, mend, at: state.now } };
}

/** A failure is told where its work is shown, else in a notice. */
function failed(state: ViewState, failure: Extract<Message, { type: 'failed' }>): ViewState {
  const { what, id, message, hint } = failure;
  const { form, settings } = state;
  switch (what) {
    case 'ask':
      return { ...state, ask: askFailed(state.ask, id ?? 0, message, hint) };
    case 'compare':
      return { ...state, compare: compareFailed(state.compare, id ?? 0, message, hint) };
    case 'evaluate': {
      const set = { ...state.compare.set, running: false, progress: undefined, failure: { message, hint } };
      return { ...state, compare: { ...state.compare, set } };
    }
    case 'probe':
      return { ...state, index: { ...state.index, running: false, failure: { message, hint } } };
    case 'estimate':
    case 'start-build':
      if (form === undefined) break;
      return { ...state, form: { ...form, working: undefined, problem: { message, hint } } };
    case 'verify':
      return told({ ...state, builds: { ...state.builds, verifying: undefined } }, 'bad', message, hint);
    case 'pull':
      return told({ ...state, settings: { ...settings, pulling: undefined } }, 'bad', message, hint);
    case 'check':
      return told({ ...state, settings: { ...settings, checking: false } }, 'bad', message, hint);
  }
  return told(state, 'bad', message, hint);
}

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

function withList(state: ViewState, list: List): ViewState {
  return hasList(state.screen) ? { ...state, [state.screen]: { ...state[state.screen], list } } : state;
}

function onKey(state: ViewState, key: string): Next {
  const places = placesOf(state);
  const action = actionOf(places, key);
  if (action === 'quit' || action === 'next-screen' || action === 'previous-screen')
    return act(state, action);
  if (places[0] === 'form') return onForm(state, key, action);
  if (places[0] !== 'typing') return action === undefined ? [state, []] : act(state, action);
  if (state.filtering) return [onFilterKey(state, key, action), []];
  if (state.screen === 'ask') {
    const [ask, effects] = onAskTyping(state.ask, key, action, state.now);
    return [{ ...state, ask }, effects];
  }
  if (state.screen === 'compare') {
    const [compare, effects] = onCompareTyping(state.compare, key, action);
    return [{ ...state, compare }, effects];
  }
  const [index, effects] = onProbeTyping(state.index, key, action);
  return [{ ...state, index }, effects];
}

function onForm(state: ViewState, key: string, action: Action | undefined): Next {
  if (state.form === undefined || action === 'back') return [{ ...state, form: undefined }, []];
  const [form, effects] = onFormKey(state.form, key, action);
  return [{ ...state, form }, effects];
}

function onFilterKey(state: ViewState, key: string, action: Action | undefined): ViewState {
  const list = listOf(state);
  if (list === undefined || action === 'submit') return { ...state, filtering: false };
  if (action === 'back') return { ...withList(state, filterBy(list, 'ctrl-u')), filtering: false };
  return withList(state, filterBy(list, key));
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
      if (placesOf(state)[0] === 'picking') break;
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
        return [{ ...state, screen: action as ScreenName, filtering: false }, []];
  }
  return actOnScreen(state, action);
}

function actOnScreen(state: ViewState, action: Action): Next {
  switch (state.screen) {
    case 'builds':
      return actOnBuilds(state, action);
    case 'index': {
      const [index, effects] = actOnIndex(state.index, action);
      return [{ ...state, index }, effects];
    }
    case 'ask': {
      const names = state.methods.map(({ name }) => name);
      const [ask, effects] = actOnAsk(state.ask, action, names);
      return [{ ...state, ask }, effects];
    }
    case 'compare': {
      if (state.compare.mode === 'picking') {
        const methods = state.methods.map(({ name }) => name);
        return [{ ...state, compare: onPicking(state.compare, action, methods) }, []];
      }
      const [compare, effects] = actOnCompare(state.compare, action);
      return [{ ...state, compare }, effects];
    }
    case 'traffic': {
      const [traffic, effects] = actOnTraffic(state.traffic, action);
      return [{ ...state, traffic }, effects];
    }
    case 'settings': {
      const [settings, effects] = actOnSettings(state.settings, action);
      return [{ ...state, settings }, effects];
    }
    default:
      return [state, []];
  }
}

/** Esc takes away one thing: the help, a notice, a filter, what is open, at last the screen. */
function back(state: ViewState): ViewState {
  if (state.help) return { ...state, help: false };
  if (state.notice !== undefined) return { ...state, notice: undefined };
  const list = listOf(state);
  if (list !== undefined && list.filter.text !== '') return withList(state, filterBy(list, 'ctrl-u'));
  if (state.screen === 'traffic' && state.traffic.open)
    return { ...state, traffic: { ...state.traffic, open: false } };
  if (state.screen === 'ask' && state.ask.pane === 'trace')
    return { ...state, ask: { ...state.ask, pane: 'answer' } };
  return { ...state, screen: 'overview' };
}

function beside(state: ViewState, step: number): ViewState {
  const at = SCREENS.indexOf(state.screen);
  const screen = SCREENS[(at + step + SCREENS.length) % SCREENS.length] as ScreenName;
  return { ...state, screen, filtering: false };
}

/** What would be lost on leaving: builds are not, they run in processes of their own. */
function unfinished({ builds, ask, compare, settings }: ViewState): string | undefined {
  if (builds.verifying !== undefined) return `Verifying "${builds.verifying.name}" would be stopped.`;
  if (settings.pulling !== undefined)
    return `Fetching ${settings.pulling.name} would be stopped; it goes on where it was.`;
  if (compare.run?.running || compare.set.running) return 'The comparison is not through.';
  return ask.run?.running ? 'The answer is still being written.' : undefined;
}

function quit(state: ViewState): Next {
  const detail = unfinished(state);
  if (detail === undefined) return [state, [{ type: 'quit' }]];
  const confirm = { question: 'Leave the console?', detail, effects: [{ type: 'quit' } as const] };
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
