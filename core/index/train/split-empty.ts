/**
 * Repairs centroids of k-means that no vector is nearest to. Knows vectors in rows and how many each stands for.
 */
import type { Random } from './random.ts';

/** How far the halves of a split are moved apart, as a share of each number (FAISS's own, 1/1024). */
const SPLIT_STEP = 1 / 1024;

/**
 * Gives each empty row half of a large one, chosen with a chance that grows with its size: both get the vector of the
 * large one, moved apart by a small step in alternating dimensions. It stays empty if no row can be split.
 * @param vectors rows x width; sums and means alike
 * @param sizes how many vectors each row stands for
 * @returns how many rows were split
 */
export function splitEmpty(vectors: Float32Array, sizes: Uint32Array, random: Random): number {
  const width = vectors.length / sizes.length;
  const spares = sizes.reduce((sum, size) => sum + Math.max(0, size - 1), 0);
  let split = 0;
  for (let empty = 0; empty < sizes.length && split < spares; empty++) {
    if (sizes[empty] !== 0) continue;
    let large = 0;
    for (let spare = Math.floor(random() * (spares - split)); ; large++) {
      spare -= Math.max(0, (sizes[large] ?? 0) - 1);
      if (spare < 0) break;
    }
    for (let i = 0; i < width; i++) {
      const value = vectors[large * width + i] ?? 0;
      const step = i % 2 === 0 ? SPLIT_STEP : -SPLIT_STEP;
      vectors[empty * width + i] = value * (1 + step);
      vectors[large * width + i] = value * (1 - step);
    }
    const size = sizes[large] ?? 0;
    sizes[empty] = Math.floor(size / 2);
    sizes[large] = size - Math.floor(size / 2);
    split += 1;
  }
  return split;
}
