import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesOf } from '../../core/index/format/faiss-format.ts';
import type { Kernel } from '../../core/index/train/kernel.ts';
import type { KmeansEvent } from '../../core/index/train/kmeans.ts';
import { sharesOf, twoLevelKmeans } from '../../core/index/train/two-level.ts';
import { clusteredVectors } from '../fixtures/vectors.ts';

/** The nearest by comparing with each, fast enough for small numbers. */
const plainKernel: Pick<Kernel, 'nearest'> = {
  async nearest(points, rows, { dimensions }) {
    const count = points.length / dimensions;
    const found = { rows: new Int32Array(count), scores: new Float32Array(count).fill(-2) };
    for (let i = 0; i < count; i++)
      for (let row = 0; row < rows.length / dimensions; row++) {
        let score = 0;
        for (let d = 0; d < dimensions; d++)
          score += (points[i * dimensions + d] ?? 0) * (rows[row * dimensions + d] ?? 0);
        if (score <= (found.scores[i] ?? 0)) continue;
        found.scores[i] = score;
        found.rows[i] = row;
      }
    return found;
  },
};

const DIMENSIONS = 4;
const ROWS = 800;
const K = 40;
let root: string;
let sample: { path: string; rows: number; dimensions: number };
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-two-level-'));
  sample = { path: join(root, 'sample.f32'), rows: ROWS, dimensions: DIMENSIONS };
  await writeFile(sample.path, bytesOf(clusteredVectors(ROWS, DIMENSIONS, { clusters: 60 })));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Runs until the end, or until so many events were seen. */
async function train(name: string, events = Number.POSITIVE_INFINITY) {
  const checkpoint = { path: join(root, name), of: 'a test' };
  const run = twoLevelKmeans(sample, { k: K, iterations: 4, seed: 1 }, plainKernel, { checkpoint });
  const seen: KmeansEvent[] = [];
  for (;;) {
    const step = await run.next();
    if (step.done) return { centroids: step.value, seen };
    seen.push(step.value);
    if (seen.length === events) return { centroids: undefined, seen };
  }
}

describe('k-means in two levels', () => {
  test('gives as many unit centroids as were asked for, and finer ones than the first level alone', async () => {
    const { centroids, seen } = await train('whole');
    expect(centroids).toHaveLength(K * DIMENSIONS);
    for (let at = 0; at < K * DIMENSIONS; at += DIMENSIONS)
      expect(Math.hypot(...(centroids?.subarray(at, at + DIMENSIONS) ?? []))).toBeCloseTo(1, 5);
    expect(seen.map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seen.at(-1)?.iterations).toBe(8);
    expect(seen.at(-1)?.objective).toBeGreaterThan((seen[3]?.objective ?? 1) + 0.001);
    expect((await readdir(root)).filter((name) => name.includes('sorted'))).toEqual([]);
  });

  test.each([2, 5, 6])('that broke off after %i steps ends with the same centroids', async (steps) => {
    const whole = await train(`again-${steps}`);
    await train(`broken-${steps}`, steps);
    const { centroids, seen } = await train(`broken-${steps}`);
    expect(seen.length).toBeLessThan(whole.seen.length);
    expect(centroids).toEqual(whole.centroids);
    expect(existsSync(join(root, `broken-${steps}.first`))).toBe(false);
  });
});

test('shares follow the sizes, none more than there is, and add up', () => {
  expect(sharesOf(Uint32Array.of(50, 30, 20), 10)).toEqual([5, 3, 2]);
  expect(sharesOf(Uint32Array.of(97, 1, 1, 1, 0), 10)).toEqual([7, 1, 1, 1, 0]);
  expect(sharesOf(Uint32Array.of(2, 2, 96), 100)).toEqual([2, 2, 96]);
  expect(sharesOf(Uint32Array.of(1, 1, 1), 3)).toEqual([1, 1, 1]);
});
