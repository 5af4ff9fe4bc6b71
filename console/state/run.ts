/**
 * How a build's run stands, from the entries of its journal. A pure fold: knows counts and times, no words.
 */
import type { BuildStage, JournalEntry } from '../../core/index.ts';

export interface StageView {
  done: number;
  total?: number | undefined;
  unit: string;
  /** Present once it has ended. */
  ms?: number;
}

export interface Sample {
  at: number;
  done: number;
}

/** Training that is under way. */
export interface TrainingView {
  of: 'lists' | 'codes';
  iteration: number;
  iterations: number;
  /**
   * One per round, oldest first, at most the last 60. Lists: mean inner product of a vector with its centroid, which
   * grows; codes: mean squared distance of a vector from what its code says, which falls.
   */
  figures: number[];
  /** Of the lists: 1 if all are equally long. */
  imbalance?: number;
}

export type RunStatus = 'starting' | 'running' | 'paused' | 'done' | 'cancelled' | 'failed' | 'died';

export interface RunView {
  name: string;
  status: RunStatus;
  pid?: number;
  startedAt: number;
  /** Of the last entry. */
  at: number;
  stages: Partial<Record<BuildStage, StageView>>;
  stage?: BuildStage;
  /** Progress of the present stage, newest last, over the rate's window. */
  samples: Sample[];
  /** Units per second, one for every two seconds of the present stage, newest last. */
  rates: number[];
  /** Where the last of them was taken. */
  mark?: Sample | undefined;
  training?: TrainingView;
  /** What is being fetched. */
  pulling?: { model: string; bytes: number; total?: number | undefined };
  /** Newest last. */
  warnings: string[];
  failure?: { message: string; hint?: string | undefined };
}

/** Rates are measured over this long, so that they follow a change of pace without jitter. */
const WINDOW_MS = 30_000;
const RATE_EVERY_MS = 2_000;
const RATES = 60;
const WARNINGS = 20;

export function newRun(name: string): RunView {
  return {
    ...{ name, status: 'starting', startedAt: 0, at: 0, stages: {} },
    ...{ samples: [], rates: [], warnings: [] },
  };
}

/** The run after one more entry. */
export function follow(run: RunView, entry: JournalEntry): RunView {
  const next = { ...run, at: entry.at };
  switch (entry.type) {
    case 'run-start':
      return {
        ...newRun(run.name),
        ...{ pid: entry.pid, startedAt: entry.at, at: entry.at },
      };
    case 'build-start':
      return { ...next, status: 'running' };
    case 'stage-start': {
      const { stage, unit, total } = entry;
      const stages = { ...run.stages, [stage]: { done: 0, total, unit } };
      return {
        ...withoutTraining(next),
        status: 'running',
        stage,
        stages,
        samples: [],
        rates: [],
        mark: undefined,
      };
    }
    case 'stage-progress':
      return progressed(next, entry);
    case 'stage-end': {
      const before = run.stages[entry.stage];
      const stage = { unit: '', ...before, done: entry.done, ms: entry.ms };
      return { ...withoutTraining(next), stages: { ...run.stages, [entry.stage]: stage } };
    }
    case 'train-progress':
      return trained(next, { of: 'lists', ...entry }, entry.objective);
    case 'codebook-progress':
      return trained(next, { of: 'codes', ...entry }, entry.error);
    case 'pull-start':
      return { ...next, pulling: { model: entry.model, bytes: 0, total: entry.bytesTotal } };
    case 'pull-progress':
      return { ...next, pulling: { model: entry.model, bytes: entry.bytes, total: entry.bytesTotal } };
    case 'pull-end': {
      const { pulling: _, ...rest } = next;
      return rest;
    }
    case 'pull-refused':
      return warned(next, `Not from ${entry.source}: ${entry.reason}`);
    case 'warning':
      return warned(next, entry.message);
    case 'build-pause':
      return { ...next, status: 'paused', samples: [] };
    case 'build-resume':
      return { ...next, status: 'running', samples: [], mark: undefined };
    case 'run-end':
      return {
        ...next,
        status: entry.outcome,
        ...(entry.error && { failure: { message: entry.error.message, hint: entry.error.hint } }),
      };
    default:
      return next;
  }
}

/** The run, given whether its process is alive. */
export function seen(run: RunView, alive: boolean): RunView {
  const open = run.status === 'starting' || run.status === 'running' || run.status === 'paused';
  return open && !alive ? { ...run, status: 'died' } : run;
}

export const isOpen = ({ status }: RunView): boolean =>
  status === 'starting' || status === 'running' || status === 'paused';

/** Units per second over the window; undefined while there is too little to measure. */
export function rateOf({ samples }: RunView): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < 500 || last.done <= first.done)
    return undefined;
  return ((last.done - first.done) / (last.at - first.at)) * 1_000;
}

function progressed(before: RunView, entry: Extract<JournalEntry, { type: 'stage-progress' }>): RunView {
  const run = entry.done > 0 ? withoutTraining(before) : before;
  const { stage, done, total, unit, at } = entry;
  const stages = { ...run.stages, [stage]: { ...run.stages[stage], done, total, unit } };
  const changed = run.stage !== stage;
  const kept = changed ? [] : run.samples;
  const last = kept.at(-1);
  if (last !== undefined && at - last.at < 200) return { ...run, stages, stage };
  const samples = [...kept.filter((sample) => at - sample.at <= WINDOW_MS), { at, done }];
  const mark = changed ? undefined : run.mark;
  if (mark === undefined) return { ...run, stages, stage, samples, rates: [], mark: { at, done } };
  if (at - mark.at < RATE_EVERY_MS) return { ...run, stages, stage, samples };
  const rate = Math.max(0, ((done - mark.done) / (at - mark.at)) * 1_000);
  return { ...run, stages, stage, samples, rates: [...run.rates, rate].slice(-RATES), mark: { at, done } };
}

function trained(
  run: RunView,
  { of, iteration, iterations, imbalance }: Omit<TrainingView, 'figures'>,
  figure: number,
): RunView {
  const before = run.training?.of === of ? run.training.figures : [];
  const figures = [...before, figure].slice(-RATES);
  return { ...run, training: { of, iteration, iterations, figures, ...(imbalance && { imbalance }) } };
}

function warned(run: RunView, message: string): RunView {
  return { ...run, warnings: [...run.warnings, message].slice(-WARNINGS) };
}

function withoutTraining(run: RunView): RunView {
  if (run.training === undefined) return run;
  const { training: _, ...rest } = run;
  return rest;
}
