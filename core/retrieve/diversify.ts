/**
 * Leaves out near-duplicates, and keeps one article from taking every place.
 * Knows ranked chunks; nothing about what was searched.
 */
import type { Chunk, Scored } from '../types.ts';

/** Words of a run; runs are what is compared. */
const RUN = 4;
/** Two passages are near-duplicates if they share at least this part of the runs of the one that has fewer. */
const SAME = 0.7;

/**
 * The list without near-duplicates of earlier passages. An article's passages after its first `perArticle` move behind
 * all others. A passage whose chunk is not known stays.
 */
export function diversify(
  ranked: Scored[],
  chunks: ReadonlyMap<number, Chunk>,
  perArticle = Infinity,
): Scored[] {
  const kept: Set<string>[] = [];
  const places = new Map<string, number>();
  const ahead: Scored[] = [];
  const behind: Scored[] = [];
  for (const scored of ranked) {
    const chunk = chunks.get(scored.id);
    if (chunk === undefined) {
      ahead.push(scored);
      continue;
    }
    const runs = runsOf(chunk.text);
    if (kept.some((other) => overlap(runs, other) >= SAME)) continue;
    kept.push(runs);
    const place = (places.get(chunk.articleId) ?? 0) + 1;
    places.set(chunk.articleId, place);
    (place <= perArticle ? ahead : behind).push(scored);
  }
  return [...ahead, ...behind];
}

/** Every run of {@link RUN} words; a shorter text is one run. */
function runsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  const runs = new Set<string>();
  for (let at = 0; at + RUN <= words.length; at += 1) runs.add(words.slice(at, at + RUN).join(' '));
  return runs.size > 0 ? runs : new Set([words.join(' ')]);
}

function overlap(a: Set<string>, b: Set<string>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const run of small) if (large.has(run)) shared += 1;
  return shared / small.size;
}
