/**
 * Rows of questions -> means, intervals, times, tests between methods. Knows rows and measures; no build and no file.
 */
import { type Interval, mean, meanInterval, pairedTest, quantile, type Random } from './bootstrap.ts';
import {
  type MethodDifference,
  type MethodSummary,
  type RankedRow,
  TIMED_PARTS,
  type TimedPart,
  type TypeSummary,
} from './evaluation.ts';
import { MEASURES, type Measure, type Measures, measuresOf } from './measures.ts';
import type { Question } from './question.ts';
import { QUESTION_TYPES, questionType } from './question-type.ts';

/** Gives the same random numbers in every call, so that a figure does not depend on what was computed before it. */
export type Randoms = () => Random;

/** The unit of resampling: all questions about one article, or a single question without a known article. */
export function clusterOf({ goldTitle, goldArticleId, qid }: Question): string {
  return goldTitle ?? goldArticleId ?? `\n${qid}`;
}

/** One question as one method ranked it, measured. */
export interface Measured {
  question: Question;
  row: RankedRow;
  measures: Measures;
}

export function measured(questions: Question[], rows: Map<string, RankedRow>): Measured[] {
  return questions.flatMap((question) => {
    const row = rows.get(question.qid);
    return row === undefined ? [] : [{ question, row, measures: measuresOf(row.right, question) }];
  });
}

/** The figures of one method. */
export function summarize(
  asked: Measured[],
  randoms: Randoms,
): Omit<MethodSummary, 'method' | 'plan' | 'sampled' | 'cache'> {
  const times = asked.map(({ row }) => row.ms.total).sort((a, b) => a - b);
  const byType = QUESTION_TYPES.flatMap((type): [string, TypeSummary][] => {
    const some = asked.filter(({ question }) => questionType(question.question) === type);
    if (some.length === 0) return [];
    const measures = ['recallAt1', 'recallAt10', 'mrrAt10'] as const;
    return [
      [type, { questions: some.length, ...means(some, measures), ci95: intervals(some, measures, randoms) }],
    ];
  });
  return {
    questions: asked.length,
    ...means(asked, MEASURES),
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    meanMs: meanTimes(asked),
    ci95: intervals(asked, MEASURES, randoms),
    byType: Object.fromEntries(byType),
    warnings: counted(asked.flatMap(({ row }) => row.warnings ?? [])),
  };
}

/** Every pair of methods, over the questions that both were asked. */
export function differencesOf(
  methods: { method: string; asked: Measured[] }[],
  randoms: Randoms,
): MethodDifference[] {
  return methods.flatMap((first, index) =>
    methods.slice(index + 1).flatMap((second) => {
      const both = pairsOf(first.asked, second.asked);
      return (['recallAt1', 'recallAt10', 'mrrAt10', 'ndcgAt10'] as const).map((measure) => {
        const one = both.map((pair) => pair[0].measures[measure]);
        const two = both.map((pair) => pair[1].measures[measure]);
        const clusters = both.map((pair) => clusterOf(pair[0].question));
        return {
          ...{ first: first.method, second: second.method, measure, questions: both.length },
          ...pairedTest(one, two, clusters, randoms()),
          firstBetter: one.filter((value, at) => value > (two[at] as number)).length,
          secondBetter: one.filter((value, at) => value < (two[at] as number)).length,
        };
      });
    }),
  );
}

/** Questions that both were asked, in the order of the first. */
export function pairsOf(first: Measured[], second: Measured[]): [Measured, Measured][] {
  const other = new Map(second.map((one) => [one.question.qid, one]));
  return first.flatMap((one): [Measured, Measured][] => {
    const two = other.get(one.question.qid);
    return two === undefined ? [] : [[one, two]];
  });
}

function counted(list: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of list) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

/** A row cached by an earlier version may lack a part. */
function meanTimes(asked: Measured[]): Record<TimedPart, number> {
  const entries = TIMED_PARTS.map((part) => [part, mean(asked.map(({ row }) => row.ms[part] ?? 0))]);
  return Object.fromEntries(entries) as Record<TimedPart, number>;
}

function means<M extends Measure>(asked: Measured[], measures: readonly M[]): Pick<Measures, M> {
  const entries = measures.map((measure) => [measure, mean(asked.map((one) => one.measures[measure]))]);
  return Object.fromEntries(entries) as Pick<Measures, M>;
}

function intervals<M extends Measure>(
  asked: Measured[],
  measures: readonly M[],
  randoms: Randoms,
): Record<M, Interval> {
  const clusters = asked.map(({ question }) => clusterOf(question));
  const entries = measures.map((measure) => [
    measure,
    meanInterval(
      asked.map((one) => one.measures[measure]),
      clusters,
      randoms(),
    ),
  ]);
  return Object.fromEntries(entries) as Record<M, Interval>;
}
