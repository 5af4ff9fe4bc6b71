/**
 * How facts from outside change the console's state: builds, runs, answers, failures. Pure; a fact has no effects.
 */
import { askFailed } from './ask.ts';
import { botsSaid, endedBots, hearBots, startingBots } from './bots.ts';
import { withEntries, withoutRun, withSummaries } from './builds.ts';
import { compareFailed, onCompareEvent } from './compare.ts';
import { folderOf, withModels } from './form.ts';
import { emptyList } from './list.ts';
import { onEvaluateEvent } from './question-set.ts';
import { withRows } from './traffic.ts';
import type { Message, ProcessView, ViewState } from './types.ts';

/** A notice that needs no action disappears after this time. */
const NOTICE_MS = 8_000;

export type Fact = Exclude<Message, { type: 'key' | 'ask-event' | 'evaluation' }>;

/** The state after a fact from outside. */
export function heard(state: ViewState, message: Fact): ViewState {
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
      const { data, method, methods, tokens, settings: rows, file } = message;
      return {
        ...state,
        ready: true,
        data,
        methods,
        tokens,
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
    case 'run-gone':
      return { ...state, builds: withoutRun(builds, message.name) };
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
      // A listing is too late if another folder has been typed since.
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
        { ...state, form: undefined, builds: { ...builds, follow: message.name } },
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
      return { ...state, traffic: withRows(state.traffic, message.rows) };
    case 'bots-start':
      return { ...state, bots: startingBots };
    case 'bots-event':
      return {
        ...state,
        bots: state.bots && hearBots(state.bots, message.event, message.fields, message.at),
      };
    case 'bots-said':
      return { ...state, bots: state.bots && botsSaid(state.bots, message.line) };
    case 'bots-end':
      return { ...state, bots: state.bots && endedBots(state.bots, message) };
    case 'check-start':
      return { ...state, settings: { ...settings, list: emptyList, checks: [], checking: true } };
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
        `${message.name} is installed.`,
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

/** A failure is shown where its work is shown, else in a notice. */
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
