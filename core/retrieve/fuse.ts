/**
 * Joins ranked lists. Knows ranks and weights; nothing about what was searched.
 */
import type { Scored } from '../types.ts';

/** Rank offset of reciprocal rank fusion (Cormack, Clarke, Büttcher 2009). */
const RANK_OFFSET = 60;

/**
 * Reciprocal rank fusion: score(id) = sum over lists of weight / (60 + rank), rank from 1.
 * Equal scores keep the order of first appearance, so the result does not depend on anything but the lists.
 */
export function fuse(lists: Scored[][], weights: number[] = lists.map(() => 1)): Scored[] {
  const scores = new Map<number, number>();
  lists.forEach((list, which) => {
    list.forEach(({ id }, index) => {
      scores.set(id, (scores.get(id) ?? 0) + (weights[which] ?? 1) / (RANK_OFFSET + index + 1));
    });
  });
  return [...scores].map(([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score);
}
