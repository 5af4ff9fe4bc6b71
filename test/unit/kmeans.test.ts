import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../core/index/train/kernel.ts';
import { imbalanceOf, type KmeansEvent, kmeans } from '../../core/index/train/kmeans.ts';
import { chooser, seededRandom } from '../../core/index/train/random.ts';
import { arrayVectors } from '../../core/index/vector-sources.ts';
import { clusteredVectors, dot, nearestRows } from '../fixtures/vectors.ts';

/** The kernel's contract, spelled out one product at a time. */
const plainKernel: Pick<Kernel, 'nearest'> = {
  async nearest(points, rows, { dimensions, k }) {
    const queries = Array.from({ length: points.length / dimensions }, (_, i) =>
      points.subarray(i * dimensions, (i + 1) * dimensions),
    );
    const found = queries.map((query) => nearestRows(query, rows, k));
    return {
      rows: Int32Array.from(found.flat()),
      scores: Float32Array.from(
        found.flatMap((list, i) =>
          list.map((row) =>
            dot(queries[i] as Float32Array, rows.subarray(row * dimensions, (row + 1) * dimensions)),
          ),
        ),
      ),
    };
  },
};

async function train(vectors: Float32Array, dimensions: number, k: number, seed = 1) {
  const run = kmeans(arrayVectors(vectors, dimensions, 100), { k, iterations: 8, seed }, plainKernel);
  const events: KmeansEvent[] = [];
  for (;;) {
    const step = await run.next();
    if (step.done) return { centroids: step.value, events };
    events.push(step.value);
  }
}

describe('spherical k-means', () => {
  test('centroids have unit length and the objective never falls', async () => {
    const { centroids, events } = await train(clusteredVectors(600, 8), 8, 12);
    for (let at = 0; at < centroids.length; at += 8)
      expect(Math.hypot(...centroids.subarray(at, at + 8))).toBeCloseTo(1, 5);
    expect(events).toHaveLength(8);
    for (const [i, event] of events.slice(1).entries())
      expect(event.objective).toBeGreaterThanOrEqual((events[i]?.objective ?? 1) - 1e-6);
    expect(events.at(-1)?.objective).toBeGreaterThan((events[0]?.objective ?? 1) + 0.01);
  });

  test('well separated clusters each get a centroid of their own', async () => {
    const vectors = new Float32Array(400 * 4);
    for (let row = 0; row < 400; row++) vectors[row * 4 + (row % 4)] = 1;
    const { centroids, events } = await train(vectors, 4, 12, 3);
    expect(events.at(-1)?.objective).toBeCloseTo(1, 5);
    const nearest = await plainKernel.nearest(vectors.subarray(0, 16), centroids, { dimensions: 4, k: 1 });
    expect(new Set(nearest.rows).size).toBe(4);
  });

  test('a list without a vector is split off from a large one', async () => {
    const vectors = clusteredVectors(60, 4).fill(0.5, 0, 40 * 4); // two thirds are one and the same vector
    const { centroids, events } = await train(vectors, 4, 30);
    expect(events[0]?.split).toBeGreaterThan(0);
    expect(centroids.every(Number.isFinite)).toBe(true);
    const distinct = new Set(
      Array.from({ length: 30 }, (_, i) => centroids.subarray(i * 4, i * 4 + 4).join()),
    );
    expect(distinct.size).toBeGreaterThan(20);
  });

  test('the same seed gives the same centroids and another seed others', async () => {
    const vectors = clusteredVectors(300, 8);
    const [first, again, other] = [
      await train(vectors, 8, 10, 5),
      await train(vectors, 8, 10, 5),
      await train(vectors, 8, 10, 6),
    ];
    expect(again.centroids).toEqual(first.centroids);
    expect(other.centroids).not.toEqual(first.centroids);
  });

  test('a vector that is not finite is named by its row', async () => {
    const vectors = clusteredVectors(300, 4);
    vectors[250 * 4 + 1] = Number.NaN;
    await expect(train(vectors, 4, 3)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('Vector 250'),
    });
  });

  test('more lists than vectors are refused', async () => {
    await expect(train(clusteredVectors(5, 4), 4, 6)).rejects.toMatchObject({ code: 'usage' });
  });

  test('cancelling ends training at the next block', async () => {
    const controller = new AbortController();
    const source = arrayVectors(clusteredVectors(300, 4), 4, 100);
    const run = kmeans(source, { k: 3, iterations: 1000, seed: 1 }, plainKernel, {
      signal: controller.signal,
    });
    await run.next();
    controller.abort();
    await expect(run.next()).rejects.toMatchObject({ code: 'cancelled' });
  });
});

test('imbalance is 1 for equal lists and the number of lists where one holds everything', () => {
  expect(imbalanceOf(Uint32Array.of(5, 5, 5))).toBe(1);
  expect(imbalanceOf(Uint32Array.of(15, 0, 0))).toBe(3);
});

test('a chooser takes exactly as many as are wanted, spread over all', () => {
  const take = chooser(10_000, 1000, seededRandom(1));
  const taken = Array.from({ length: 10_000 }, (_, i) => (take() ? [i] : [])).flat();
  expect(taken).toHaveLength(1000);
  const middle = taken.reduce((sum, i) => sum + i, 0) / 1000;
  expect(middle).toBeGreaterThan(4600);
  expect(middle).toBeLessThan(5400);
});
