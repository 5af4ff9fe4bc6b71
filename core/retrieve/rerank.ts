/**
 * What a cross-encoder's scores do to a ranking. Knows scores; nothing about models.
 */
import type { Scored } from '../types.ts';
import { toUnit } from './fuse.ts';

/**
 * The ranking by the new scores: score = share x logit + (1 - share) x old score, each brought to 0..1 over the passages it was given for.
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
