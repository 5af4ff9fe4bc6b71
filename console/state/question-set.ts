/**
 * A set of questions against several methods: measures with intervals, and the questions where two methods disagree.
 * Pure: knows the core's evaluation.
 */
import type { EvaluateEvent, Evaluation, MethodDifference, MethodSummary } from '../../core/index.ts';
import type { Action } from '../keys.ts';
import { edit, type Field, fieldOf } from './field.ts';
import type { Effect } from './types.ts';

/** A question with a right passage in one method's top ten but not in the other's; ranks from 1. */
export interface Disagreement {
  question: string;
  first: number | undefined;
  second: number | undefined;
}

export interface SetState {
  typing: boolean;
  file: Field;
  /** Also answer the questions, which takes much longer with a language model. */
  answers: boolean;
  running: boolean;
  progress?: { method: string; part: 'passages' | 'answers'; done: number; total: number } | undefined;
  result?: Evaluation;
  /** Counts the presses: which column the table is sorted by, which pair of methods is looked at. */
  sort: number;
  pair: number;
  /** Of the present pair of methods. */
  disagreements: Disagreement[];
  chosen: number;
  failure?: { message: string; hint?: string | undefined } | undefined;
}

export const noSet: SetState = {
  ...{
    typing: false,
    file: fieldOf('probes'),
    answers: false,
    running: false,
    sort: 0,
    pair: 0,
    disagreements: [],
    chosen: 0,
  },
};

/** What the table can be sorted by: quality first, then what it costs. */
const SORTS = ['mrrAt10', 'recallAt1', 'recallAt10', 'ndcgAt10', 'p50Ms', 'p95Ms'] as const;
const ANSWER_SORTS = ['contained', 'answerMs', 'tokens'] as const;
export type Sort = (typeof SORTS)[number] | (typeof ANSWER_SORTS)[number];
const COSTS: Sort[] = ['p50Ms', 'p95Ms', 'answerMs', 'tokens'];

/** What the table is sorted by now. */
export function sortOf({ result, sort }: SetState): Sort {
  const answered = result?.methods.some(({ answers }) => answers !== undefined);
  const sorts: Sort[] = answered ? [...SORTS, ...ANSWER_SORTS] : [...SORTS];
  return sorts[sort % sorts.length] ?? 'mrrAt10';
}

/** Best first by the sort column; for a cost, the lowest first. */
export function sortedMethods(state: SetState): MethodSummary[] {
  const by = sortOf(state);
  const sign = COSTS.includes(by) ? 1 : -1;
  return [...(state.result?.methods ?? [])].sort((a, b) => sign * (measureOf(a, by) - measureOf(b, by)));
}

function measureOf(summary: MethodSummary, by: Sort): number {
  const { answers } = summary;
  switch (by) {
    case 'contained':
      return answers?.contained ?? 0;
    case 'answerMs':
      return answers?.p50Ms ?? 0;
    case 'tokens':
      return tokensOf(summary);
    default:
      return summary[by];
  }
}

/** Mean number of tokens that a language model read and wrote for an answer. */
export const tokensOf = ({ answers }: MethodSummary): number =>
  (answers?.promptTokens ?? 0) + (answers?.answerTokens ?? 0);

/** How the present pair differs in MRR@10, second minus first. */
export function differenceOf({ result, pair }: SetState): MethodDifference | undefined {
  const all = (result?.differences ?? []).filter(({ measure }) => measure === 'mrrAt10');
  return all[pair % Math.max(1, all.length)];
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
    [{ type: 'evaluate', set: file, methods, answers: set.answers }],
  ];
}

export function onEvaluateEvent(set: SetState, event: EvaluateEvent): SetState {
  switch (event.type) {
    case 'method-start':
      return { ...set, progress: { ...event, done: event.known, total: event.questions } };
    case 'method-progress':
      return { ...set, progress: event };
    default:
      return set;
  }
}

/** Requests the questions on which the present pair of methods disagrees. */
export function disagreeing(set: SetState): Effect[] {
  const pairs = pairsOf(set);
  const pair = pairs[set.pair % Math.max(1, pairs.length)];
  return pair === undefined || set.result === undefined ? [] : [{ type: 'disagree', ...pair }];
}
