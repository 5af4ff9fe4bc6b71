/**
 * The retrieval measures of one question. Knows ranks and grades; no text.
 */
import type { Right } from './judge.ts';
import type { Question } from './question.ts';

export const DEPTHS = [1, 3, 10, 20, 100] as const;
const TOP = 10;

export const MEASURES = [
  'recallAt1',
  'recallAt3',
  'recallAt10',
  'recallAt20',
  'recallAt100',
  'mrrAt10',
  'ndcgAt10',
] as const;

export type Measure = (typeof MEASURES)[number];
/** Each 0..1. */
export type Measures = Record<Measure, number>;

/**
 * recall@k: 1 if the first k contain a right passage; with judged articles, the share of the relevant ones among them.
 * MRR@10: 1 / rank of the first right one, 0 beyond 10.
 * nDCG@10 (Järvelin, Kekäläinen 2002, gain = grade, discount log2(rank + 1), as in trec_eval and BEIR): with answers,
 * only the first right passage counts, since one is enough and the number of right ones is not known.
 */
export function measuresOf(right: Right[], { relevant }: Pick<Question, 'relevant'>): Measures {
  const first = right[0]?.[0] ?? Number.POSITIVE_INFINITY;
  const grades = relevant === undefined ? [1] : Object.values(relevant);
  const counted = relevant === undefined ? right.slice(0, 1) : right;
  const recallAt = (k: number) => counted.filter(([rank]) => rank <= k).length / grades.length;
  const ideal = gain(grades.sort((a, b) => b - a).map((grade, index): Right => [index + 1, grade]));
  const recall = Object.fromEntries(DEPTHS.map((k) => [`recallAt${k}`, recallAt(k)]));
  return {
    ...(recall as Omit<Measures, 'mrrAt10' | 'ndcgAt10'>),
    mrrAt10: first <= TOP ? 1 / first : 0,
    ndcgAt10: gain(counted) / ideal,
  };
}

/** Discounted cumulative gain of the first 10. */
function gain(list: Right[]): number {
  return list
    .filter(([rank]) => rank <= TOP)
    .reduce((sum, [rank, grade]) => sum + grade / Math.log2(rank + 1), 0);
}
