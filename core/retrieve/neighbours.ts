/**
 * The passages next to a hit. Knows that chunks of one article have consecutive ids; nothing about what was searched.
 */
import type { Chunk, ChunkId, Scored } from '../types.ts';

/** Ids of the rows up to `reach` places before and after each; some may be in another article, or not exist. */
export function idsAround(ranked: Scored[], reach: number): ChunkId[] {
  const ids = new Set<ChunkId>();
  for (const { id } of ranked) for (let at = Math.max(0, id - reach); at <= id + reach; at += 1) ids.add(at);
  return [...ids];
}

/**
 * The list with each passage's neighbours right behind it, nearest first, with its score. A neighbour that is already
 * in the list keeps its place.
 */
export function withNeighbours(
  ranked: Scored[],
  chunks: ReadonlyMap<number, Chunk>,
  reach: number,
): Scored[] {
  const placed = new Set(ranked.map(({ id }) => id));
  return ranked.flatMap(({ id, score }) => {
    const article = chunks.get(id)?.articleId;
    const added: Scored[] = [];
    for (let distance = 1; distance <= reach; distance += 1)
      for (const near of [id + distance, id - distance]) {
        if (article === undefined || chunks.get(near)?.articleId !== article || placed.has(near)) continue;
        placed.add(near);
        added.push({ id: near, score });
      }
    return [{ id, score }, ...added];
  });
}
