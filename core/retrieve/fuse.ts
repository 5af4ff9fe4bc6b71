/**
 * Joins ranked lists. Knows ranks, scores and weights; nothing about what was searched.
 */
import type { Scored } from '../types.ts';

/** Rank offset of reciprocal rank fusion (Cormack, Clarke, Büttcher 2009). */
const RANK_OFFSET = 60;

/**
 * Reciprocal rank fusion: score(id) = sum over lists of weight / (60 + rank), rank from 1.
 * Equal scores keep the order of first appearance, so the result does not depend on anything but the lists.
 */
export function fuse(lists: Scored[][], weights?: number[]): Scored[] {
  return sum(lists, weights, (_, index) => 1 / (RANK_OFFSET + index + 1));
}

/**
 * Sum of the lists' scores, in shares of the weights; a list counts 0 for what it lacks.
 * Equal scores keep the order of first appearance.
 * @param lists of scores that can be added, see {@link comparable}
 */
export function blend(lists: Scored[][], weights: number[] = lists.map(() => 1)): Scored[] {
  const whole = weights.reduce((total, weight) => total + weight, 0) || 1;
  const shares = weights.map((weight) => weight / whole);
  return sum(lists, shares, ({ score }) => score);
}

/** BM25 points that count as much as a cosine of 1: about what two or three very rare shared words score. */
const KEYWORD_UNIT = 20;

/**
 * Rescales a source's scores so that they can be added to another's. The last candidate gets 0. Above it, a cosine
 * gets its share of the way to 1, BM25 counts in fixed units, and anything else is scaled to 1 for the best. So BM25
 * has more weight the more rare words the question and a passage share; scaled to its best score, it would not.
 */
export function comparable(measure: 'cosine' | 'bm25' | 'other', list: Scored[]): Scored[] {
  if (measure === 'other') return toUnit(list);
  const lowest = Math.min(...list.map(({ score }) => score));
  const unit = measure === 'bm25' ? KEYWORD_UNIT : Math.max(Number.EPSILON, 1 - lowest);
  return list.map(({ id, score }) => ({ id, score: (score - lowest) / unit }));
}

/** The same list with scores from 0 (its lowest) to 1 (its highest); all 1 where there is no difference. */
export function toUnit(list: Scored[]): Scored[] {
  const scores = list.map(({ score }) => score);
  const lowest = Math.min(...scores);
  const range = Math.max(...scores) - lowest;
  return list.map(({ id, score }) => ({ id, score: range > 0 ? (score - lowest) / range : 1 }));
}

function sum(
  lists: Scored[][],
  weights: number[] | undefined,
  worth: (scored: Scored, index: number) => number,
): Scored[] {
  const scores = new Map<number, number>();
  lists.forEach((list, which) => {
    list.forEach((scored, index) => {
      const part = (weights?.[which] ?? 1) * worth(scored, index);
      scores.set(scored.id, (scores.get(scored.id) ?? 0) + part);
    });
  });
  return [...scores].map(([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score);
}

/**
 * The ranking by new scores: share x logit + (1 - share) x old score, each scaled to 0..1 over the passages with one.
 * @param logits of the first `logits.length` of `ranked`; the others were not read, and stay behind in their order
 */
export function mixScores(ranked: Scored[], logits: Float32Array, share = 1): Scored[] {
  const read = toUnit([...logits].map((score, id) => ({ id, score })));
  const mixed = toUnit(ranked).map(({ id, score }, index) => ({
    id,
    score: share * (read[index]?.score ?? 0) + (1 - share) * score,
  }));
  const first = mixed.slice(0, logits.length).sort((a, b) => b.score - a.score);
  return [...first, ...mixed.slice(logits.length)];
}
