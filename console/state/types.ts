/**
 * The whole state of the console, what it is told, and what it wants done. Data only.
 */
import type { BuildSummary, JournalEntry, Manifest, ProcessFacts } from '../../core/index.ts';
import type { BuildsState } from './builds.ts';
import type { Field } from './field.ts';

export const SCREENS = ['overview', 'builds'] as const;
export type ScreenName = (typeof SCREENS)[number];

export interface Notice {
  tone: 'good' | 'warn' | 'bad';
  text: string;
  /** What mends it. */
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
  /** Of one core since the last look, 0 to 100 and above for several threads. */
  percent: number;
}

export interface ViewState {
  size: { columns: number; rows: number };
  /** ms since 1970. */
  now: number;
  startedAt: number;
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
  processes: ProcessView[];
  /** When they were looked at. */
  processesAt?: number;
  machine?: { memory: number; memoryFree: number; diskFree: number } | undefined;
}

export type Message =
  | { type: 'key'; key: string }
  | { type: 'resize'; columns: number; rows: number }
  | { type: 'tick'; now: number }
  | { type: 'ready'; data: string }
  | { type: 'builds'; summaries: BuildSummary[]; previous?: string | undefined }
  | { type: 'run'; name: string; entries: JournalEntry[]; alive: boolean }
  | { type: 'processes'; processes: ProcessFacts[]; machine: ViewState['machine'] }
  | { type: 'verify-progress'; name: string; done: number; total?: number | undefined }
  | { type: 'verify-end'; name: string; files: number; bytes: number }
  | { type: 'done'; text: string }
  | { type: 'failed'; what: string; message: string; hint?: string | undefined };

export type Effect =
  | { type: 'quit' }
  | { type: 'redraw' }
  | { type: 'activate'; name: string }
  | { type: 'remove'; name: string }
  | { type: 'verify'; name: string };

export type { Field, Manifest };
