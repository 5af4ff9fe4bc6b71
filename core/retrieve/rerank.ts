/**
 * What a cross-encoder's scores do to a ranking. Knows scores; nothing about models.
 */
import type { Scored } from '../types.ts';
import { toUnit } from './fuse.ts';

/**
 * The ranking by the new scores: score = share x sigmoid(logit) + (1 - share) x the old score brought to 0..1.
 * @param logits of the first `logits.length` of `ranked`; the others have read nothing for them, and stay behind in their order
 */
export function mixScores(ranked: Scored[], logits: Float32Array, share = 1): Scored[] {
  const read = toUnit(ranked).map(({ id, score }, index) => {
    const logit = logits[index];
    const relevance = logit === undefined ? 0 : 1 / (1 + Math.exp(-logit));
    return { id, score: share * relevance + (1 - share) * score };
  });
  const first = read.slice(0, logits.length).sort((a, b) => b.score - a.score);
  return [...first, ...read.slice(logits.length)];
}
