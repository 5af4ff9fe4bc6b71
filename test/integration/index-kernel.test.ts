import { afterAll, describe, expect, test } from 'vitest';
import { openTrainer } from '../../core/index/trainer.ts';
import { clusteredVectors, dot, nearestRows } from '../fixtures/vectors.ts';

describe('the kernel in the training process', () => {
  const trainer = openTrainer({ threads: 2 });
  afterAll(() => trainer.close());
  const dimensions = 24;
  const rows = clusteredVectors(300, dimensions);
  const points = clusteredVectors(5000, dimensions, { seed: 9 }); // more than one tile

  test('finds what comparing each with each finds, with the scores', async () => {
    const found = await trainer.nearest(points, rows, { dimensions, k: 7 });
    expect(found.rows).toHaveLength(5000 * 7);
    for (const i of [0, 1, 2500, 4095, 4096, 4999]) {
      const point = points.subarray(i * dimensions, (i + 1) * dimensions);
      expect([...found.rows.subarray(i * 7, (i + 1) * 7)]).toEqual(nearestRows(point, rows, 7));
      const best = found.rows[i * 7] ?? 0;
      expect(found.scores[i * 7]).toBeCloseTo(
        dot(point, rows.subarray(best * dimensions, (best + 1) * dimensions)),
        5,
      );
    }
  });

  test('prefers the lower row among equal ones', async () => {
    const twice = new Float32Array([...rows.subarray(0, dimensions), ...rows.subarray(0, dimensions)]);
    const found = await trainer.nearest(rows.subarray(0, dimensions), twice, { dimensions, k: 1 });
    expect([...found.rows]).toEqual([0]);
  });

  test('uses the matrix of each call, the same as before or another one', async () => {
    const other = clusteredVectors(50, dimensions, { seed: 11 });
    const point = points.slice(0, dimensions);
    const ask = async (matrix: Float32Array) =>
      (await trainer.nearest(point, matrix, { dimensions, k: 1 })).rows[0];
    const answers = await Promise.all([ask(rows), ask(rows), ask(other), ask(other), ask(rows)]);
    const [inRows, inOther] = [nearestRows(point, rows, 1)[0], nearestRows(point, other, 1)[0]];
    expect(answers).toEqual([inRows, inRows, inOther, inOther, inRows]);
  });

  test('does not take an older matrix for one that a cancelled call never sent', async () => {
    const other = clusteredVectors(50, dimensions, { seed: 12 });
    const point = points.slice(0, dimensions);
    await trainer.nearest(point, rows, { dimensions, k: 1 });
    const signal = AbortSignal.abort();
    await expect(trainer.nearest(point, other, { dimensions, k: 1, signal })).rejects.toThrow();
    const found = await trainer.nearest(point, other, { dimensions, k: 1 });
    expect([...found.rows]).toEqual(nearestRows(point, other, 1));
  });

  test('is cancelled between tiles', async () => {
    const controller = new AbortController();
    const call = trainer.nearest(points, rows, { dimensions, k: 1, signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: expect.stringMatching(/AbortError|CoreError/) });
  });
});
