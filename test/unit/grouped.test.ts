import { expect, test } from 'vitest';
import { GROUPS_FROM, grouped } from '../../core/index/train/grouped.ts';
import type { Kernel, Matches } from '../../core/index/train/kernel.ts';
import { clusteredVectors } from '../fixtures/vectors.ts';

const DIMENSIONS = 6;
const centroids = clusteredVectors(GROUPS_FROM, DIMENSIONS, { clusters: 400 });
const points = clusteredVectors(400, DIMENSIONS, { clusters: 400, seed: 9 });

/** Compares each with each, and counts how often. */
function plain(device: Kernel['device'] = 'cpu') {
  const counted = { products: 0 };
  const nearest: Kernel['nearest'] = async (points, rows, { dimensions, k }) => {
    const count = points.length / dimensions;
    const found: Matches = { rows: new Int32Array(count * k), scores: new Float32Array(count * k) };
    counted.products += (count * rows.length) / dimensions;
    for (let i = 0; i < count; i++) {
      const scores = Array.from({ length: rows.length / dimensions }, (_, row) => {
        let score = 0;
        for (let d = 0; d < dimensions; d++)
          score += (points[i * dimensions + d] as number) * (rows[row * dimensions + d] as number);
        return { row, score };
      });
      scores.sort((a, b) => b.score - a.score || a.row - b.row);
      for (let j = 0; j < k; j++) {
        found.rows[i * k + j] = scores[j]?.row ?? -1;
        found.scores[i * k + j] = scores[j]?.score ?? 0;
      }
    }
    return found;
  };
  const kernel: Kernel = { device, nearest, encode: () => Promise.reject(), close: async () => undefined };
  return { kernel, counted };
}

test('points get their nearest of very many centroids, nearly all of them, for a small part of the work', async () => {
  const { kernel, counted } = plain();
  const exact = await kernel.nearest(points, centroids, { dimensions: DIMENSIONS, k: 1 });
  const quick = grouped(kernel);
  await quick.nearest(points.slice(0, DIMENSIONS), centroids, { dimensions: DIMENSIONS, k: 1 }); // puts into groups
  counted.products = 0;
  const found = await quick.nearest(points, centroids, { dimensions: DIMENSIONS, k: 1 });
  expect(counted.products).toBeLessThan((400 * GROUPS_FROM) / 4);
  const other = [...found.rows].filter((row, i) => row !== exact.rows[i]).length;
  expect(other).toBeLessThan(0.03 * 400);
  found.rows.forEach((row, i) => {
    if (row === exact.rows[i]) expect(found.scores[i]).toBe(exact.scores[i]);
    else expect(found.scores[i]).toBeLessThan(exact.scores[i] as number);
  });
  expect(await quick.nearest(points, centroids, { dimensions: DIMENSIONS, k: 1 })).toEqual(found);
});

test('few rows, or more than one wanted, are compared with each', async () => {
  const { kernel } = plain();
  const few = centroids.slice(0, 50 * DIMENSIONS);
  const asked = points.slice(0, 20 * DIMENSIONS);
  for (const [rows, k] of [
    [few, 1],
    [centroids, 3],
  ] as const)
    expect(await grouped(kernel).nearest(asked, rows, { dimensions: DIMENSIONS, k })).toEqual(
      await kernel.nearest(asked, rows, { dimensions: DIMENSIONS, k }),
    );
});

test('a kernel that is no processor stays as it is', () => {
  const { kernel } = plain('webgpu');
  expect(grouped(kernel)).toBe(kernel);
});
