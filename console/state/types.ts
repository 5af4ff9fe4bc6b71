/**
 * The whole state of the console, what it is told, and what it wants done. Data only.
 */
import type {
  AskEvent,
  BuildSummary,
  Chunk,
  CompareEvent,
  Estimate,
  EvaluateEvent,
  Evaluation,
  HealthCheck,
  JournalEntry,
  Probe,
  ProcessFacts,
  SideBySide,
  TrafficRow,
  Wanted,
} from '../../core/index.ts';
import type { AskState } from './ask.ts';
import type { BotsView } from './bots.ts';
import type { BuildsState } from './builds.ts';
import type { CompareState } from './compare.ts';
import type { BuildForm, BuildOrder, FolderEntry } from './form.ts';
import type { IndexState } from './probe.ts';
import type { Disagreement } from './question-set.ts';
import type { ModelRow, SettingRow, SettingsState } from './settings.ts';
import type { TrafficState } from './traffic.ts';

/** In the order of their keys. */
export const SCREENS = ['overview', 'builds', 'index', 'ask', 'compare', 'traffic', 'settings'] as const;
export type ScreenName = (typeof SCREENS)[number];

export interface Notice {
  tone: 'good' | 'warn' | 'bad';
  text: string;
  /** How to fix it. */
  mend?: string | undefined;
  at: number;
}

export interface Confirm {
  question: string;
  detail: string;
  /** Done on yes. */
  effects: Effect[];
}

/** A process as the overview shows it. */
export interface ProcessView extends ProcessFacts {
  /** CPU share of one core since the last look: 0 to 100, more with several threads. */
  percent: number;
}

/** A method of retrieval by its name. */
export interface MethodFacts {
  name: string;
  about: string;
}

export interface ViewState {
  size: { columns: number; rows: number };
  /** ms since 1970. */
  now: number;
  screen: ScreenName;
  /** The settings were read and the core is at hand. */
  ready: boolean;
  data: string;
  help: boolean;
  /** The filter of the present list is being typed. */
  filtering: boolean;
  notice?: Notice | undefined;
  confirm?: Confirm | undefined;
  builds: BuildsState;
  /** The form that starts a build, while it is open. */
  form?: BuildForm | undefined;
  index: IndexState;
  ask: AskState;
  compare: CompareState;
  traffic: TrafficState;
  settings: SettingsState;
  methods: MethodFacts[];
  /** There is a token for Discord or Slack. */
  tokens: boolean;
  /** The bots, where they run as the console's child. */
  bots?: BotsView | undefined;
  processes: ProcessView[];
  /** When they were looked at. */
  processesAt?: number;
  machine?: { memory: number; memoryFree: number; diskFree: number } | undefined;
}

export type Message =
  | { type: 'key'; key: string }
  | { type: 'resize'; columns: number; rows: number }
  | { type: 'tick'; now: number }
  | {
      type: 'ready';
      data: string;
      method: string;
      methods: MethodFacts[];
      settings: SettingRow[];
      file: string;
      /** There is a token, so that the bots can be run. */
      tokens: boolean;
    }
  | { type: 'builds'; summaries: BuildSummary[]; previous?: string | undefined }
  | { type: 'run'; name: string; entries: JournalEntry[]; alive: boolean }
  | { type: 'run-gone'; name: string }
  | { type: 'processes'; processes: ProcessFacts[]; machine: ViewState['machine'] }
  | { type: 'verify-progress'; name: string; done: number; total?: number | undefined }
  | { type: 'verify-end'; name: string; files: number; bytes: number }
  | { type: 'folder'; path: string; entries: FolderEntry[] }
  | { type: 'models'; models: ModelRow[] }
  | { type: 'estimate'; order: BuildOrder; estimate: Estimate }
  | { type: 'build-begun'; name: string }
  | { type: 'ask-event'; id: number; event: AskEvent }
  | { type: 'passage'; chunkId: number; chunks: Chunk[] }
  | { type: 'compare-event'; id: number; event: CompareEvent }
  | { type: 'evaluate-event'; event: EvaluateEvent }
  | { type: 'evaluation'; evaluation: Evaluation }
  | { type: 'disagreements'; disagreements: Disagreement[] }
  | { type: 'probe'; probe: Probe }
  | { type: 'traffic'; rows: TrafficRow[] }
  | { type: 'bots-start' }
  | { type: 'bots-event'; at: number; event: string; fields: Record<string, unknown> }
  | { type: 'bots-said'; line: string }
  | { type: 'bots-end'; status: number; signal?: string }
  | { type: 'check-start' }
  | { type: 'check'; check: HealthCheck }
  | { type: 'check-end' }
  | { type: 'pull-progress'; name: string; done: number; total?: number | undefined }
  | { type: 'pull-end'; name: string }
  | { type: 'done'; text: string }
  | { type: 'failed'; what: string; id?: number | undefined; message: string; hint?: string | undefined };

export type Effect =
  | { type: 'quit' }
  | { type: 'redraw' }
  | { type: 'activate'; name: string }
  | { type: 'remove'; name: string }
  | { type: 'verify'; name: string }
  | { type: 'list-folder'; path: string }
  | { type: 'list-models' }
  | { type: 'estimate'; order: BuildOrder }
  | { type: 'start-build'; order: BuildOrder }
  | { type: 'want'; name: string; wanted: Wanted }
  | { type: 'resume'; name: string }
  | { type: 'ask'; id: number; question: string; method: string }
  | { type: 'stop-asking' }
  | { type: 'passage'; chunkId: number }
  | { type: 'compare'; id: number; question: string; methods: string[]; answers: boolean }
  | { type: 'stop-comparing' }
  | { type: 'vote'; compared: SideBySide; winner: string | undefined }
  | { type: 'evaluate'; set: string; methods: string[]; answers: boolean }
  | { type: 'disagree'; first: string; second: string }
  | { type: 'probe'; question: string }
  | { type: 'export-traffic'; rows: TrafficRow[] }
  | { type: 'start-bots' }
  | { type: 'check' }
  | { type: 'pull'; name: string };
