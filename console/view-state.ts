/**
 * What the console shows next, from what it shows and what it is told: keys, events, time. Pure; what must be done
 * outside is returned as effects. Each screen's own part is in state/.
 */
import { type Action, actionOf } from './keys.ts';
import { screenSize } from './layout.ts';
import { actOnAsk, noQuestion, onAskEvent, onAskTyping } from './state/ask.ts';
import { lastScroll } from './state/ask-lines.ts';
import { actOnBuilds, noBuilds } from './state/builds.ts';
import { actOnCompare, noComparison, onCompareTyping, onPicking } from './state/compare.ts';
import { heard } from './state/facts.ts';
import { onFormKey } from './state/form.ts';
import { filterBy } from './state/list.ts';
import { listOf, placesOf, withList } from './state/places.ts';
import { actOnIndex, noProbe, onProbeTyping } from './state/probe.ts';
import { disagreeing } from './state/question-set.ts';
import { isOpen } from './state/run.ts';
import { actOnSettings, noSettings } from './state/settings.ts';
import { actOnTraffic, noTraffic } from './state/traffic.ts';
import { type Effect, type Message, SCREENS, type ScreenName, type ViewState } from './state/types.ts';

export type Next = [ViewState, Effect[]];

export function firstState(size: ViewState['size'], now: number): ViewState {
  return {
    ...{
      size,
      now,
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
    ...{ methods: [], tokens: false, processes: [] },
  };
}

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
    case 'overview':
      return [state, action === 'start-bots' && canStartBots(state) ? [{ type: 'start-bots' }] : []];
    case 'builds':
      return actOnBuilds(state, action);
    case 'index': {
      const [index, effects] = actOnIndex(state.index, action);
      return [{ ...state, index }, effects];
    }
    case 'ask': {
      const methods = state.methods.map(({ name }) => name);
      const { width, height } = screenSize(state.size);
      const facts = { methods, lastScroll: () => lastScroll(state.ask, width, height) };
      const [ask, effects] = actOnAsk(state.ask, action, facts);
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
  }
}

const canStartBots = ({ tokens, bots }: ViewState): boolean =>
  tokens && (bots === undefined || bots.status === 'ended');

/** Esc removes one thing: the help, a notice, a filter, what is open, and finally the screen. */
function back(state: ViewState): ViewState {
  if (state.help) return { ...state, help: false };
  if (state.notice !== undefined) return { ...state, notice: undefined };
  const list = listOf(state);
  if (list !== undefined && list.filter.text !== '') return withList(state, filterBy(list, 'ctrl-u'));
  if (state.screen === 'traffic' && state.traffic.open)
    return { ...state, traffic: { ...state.traffic, open: false } };
  if (state.screen === 'ask' && state.ask.pane !== 'answer')
    return { ...state, ask: { ...state.ask, pane: 'answer', scroll: 0 } };
  return { ...state, screen: 'overview' };
}

function beside(state: ViewState, step: number): ViewState {
  const at = SCREENS.indexOf(state.screen);
  const screen = SCREENS[(at + step + SCREENS.length) % SCREENS.length] as ScreenName;
  return { ...state, screen, filtering: false };
}

/** What would be lost on leaving; builds would not, since they run in their own processes. */
function unfinished({ builds, ask, bots, compare, settings }: ViewState): string | undefined {
  if (bots !== undefined && bots.status !== 'ended')
    return 'The bots would end with it; `footnote bots` runs them alone.';
  if (builds.verifying !== undefined) return `Verifying "${builds.verifying.name}" would be stopped.`;
  if (settings.pulling !== undefined)
    return `Fetching ${settings.pulling.name} would be stopped; the next pull resumes it.`;
  if (compare.run?.running || compare.set.running) return 'The comparison is not finished.';
  return ask.run?.running ? 'The answer is still being written.' : undefined;
}

function quit(state: ViewState): Next {
  const detail = unfinished(state);
  if (detail === undefined) return [state, [{ type: 'quit' }]];
  const confirm = { question: 'Leave the console?', detail, effects: [{ type: 'quit' } as const] };
  return [{ ...state, confirm, help: false, filtering: false }, []];
}

/** Builds whose process runs, so that a user who leaves can be told. */
export function openRuns({ builds }: ViewState): string[] {
  return Object.values(builds.runs)
    .filter(isOpen)
    .map(({ name }) => name);
}
