/**
 * A set of questions against several methods: measures with intervals, and the questions where two methods disagree.
 * Pure: knows the core's evaluation.
 */
import type { EvaluateEvent, Evaluation, MethodSummary } from '../../core/index.ts';
import type { Action } from '../keys.ts';
import { edit, type Field, fieldOf } from './field.ts';
import type { Effect } from './types.ts';

/** A question that one method has right in its top ten and the other has not; ranks from 1. */
export interface Disagreement {
  question: string;
  first: number | undefined;
  second: number | undefined;
}

export interface SetState {
  typing: boolean;
  file: Field;
  running: boolean;
  progress?: { method: string; done: number; total: number } | undefined;
  result?: Evaluation;
  /** Counts the presses: which column the table is sorted by, which pair of methods is looked at. */
  sort: number;
  pair: number;
  /** By the names of both methods. */
  disagreements: Disagreement[];
  chosen: number;
  failure?: { message: string; hint?: string | undefined } | undefined;
}

export const noSet: SetState = {
  ...{
    typing: false,
    file: fieldOf('probes'),
    running: false,
    sort: 0,
    pair: 0,
    disagreements: [],
    chosen: 0,
  },
};

export const SORTS = ['mrrAt10', 'recallAt1', 'recallAt10', 'ndcgAt10', 'p50Ms'] as const;

/** Best first by the column that is sorted by; latency the other way round. */
export function sortedMethods({ result, sort }: SetState): MethodSummary[] {
  const by = SORTS[sort % SORTS.length] ?? 'mrrAt10';
  const sign = by === 'p50Ms' ? 1 : -1;
  return [...(result?.methods ?? [])].sort((a, b) => sign * (a[by] - b[by]));
}

/** Every two methods of the evaluation. */
export function pairsOf({ result }: SetState): { first: string; second: string }[] {
  const names = (result?.methods ?? []).map(({ method }) => method);
  return names.flatMap((first, index) => names.slice(index + 1).map((second) => ({ first, second })));
}

export function onSetTyping(
  set: SetState,
  key: string,
  action: Action | undefined,
  methods: string[],
): [SetState, Effect[]] {
  if (action === 'back') return [{ ...set, typing: false }, []];
  if (action !== 'submit') return [{ ...set, file: edit(set.file, key) }, []];
  const file = set.file.text.trim();
  if (file === '' || set.running) return [set, []];
  const { result: _, ...rest } = set;
  return [
    { ...rest, typing: false, running: true, failure: undefined, disagreements: [], chosen: 0 },
    [{ type: 'evaluate', set: file, methods }],
  ];
}

export function onEvaluateEvent(set: SetState, event: EvaluateEvent): SetState {
  switch (event.type) {
    case 'method-start':
      return { ...set, progress: { method: event.method, done: event.known, total: event.questions } };
    case 'method-progress':
      return { ...set, progress: { method: event.method, done: event.done, total: event.total } };
    default:
      return set;
  }
}

/** Has the questions looked up where the present pair of methods disagrees. */
export function disagreeing(set: SetState): Effect[] {
  const pairs = pairsOf(set);
  const pair = pairs[set.pair % Math.max(1, pairs.length)];
  return pair === undefined || set.result === undefined ? [] : [{ type: 'disagree', ...pair }];
}
