import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DEVICES, type Device, type Matches } from '../../core/index/train/kernel.ts';
import { openTrainer, type Trainer } from '../../core/index/train/trainer.ts';
import { lendSoftwareVulkan } from '../fixtures/software-vulkan.ts';
import { clusteredVectors, dot, nearestRows } from '../fixtures/vectors.ts';

const vulkan = lendSoftwareVulkan();
const dimensions = 24;
const rows = clusteredVectors(300, dimensions);
const points = clusteredVectors(5000, dimensions, { seed: 9 }); // more than one tile

/** Why a device is not tested here; undefined where it opens, nothing left to the processor. */
async function absence(device: Device): Promise<string | undefined> {
  const trainer = openTrainer({ threads: 1, device });
  try {
    await trainer.nearest(points.slice(0, dimensions), rows, { dimensions, k: 1 });
    return undefined;
  } catch (error) {
    // SwiftShader is there and has to work; Mesa's driver is too old for onnxruntime on some systems (22.3 of Debian 12).
    if (device === 'webgpu' && vulkan?.includes('swiftshader')) throw error;
    return (error as Error).message;
  } finally {
    await trainer.close();
  }
}

function expectNearest(found: Matches, asked: Float32Array, i: number, k: number): void {
  const point = asked.subarray(i * dimensions, (i + 1) * dimensions);
  const expected = nearestRows(point, rows, k);
  expect([...found.rows.subarray(i * k, (i + 1) * k)]).toEqual(expected);
  for (const [at, row] of expected.entries())
    expect(found.scores[i * k + at]).toBeCloseTo(
      dot(point, rows.subarray(row * dimensions, (row + 1) * dimensions)),
      5,
    );
}

/** Centroids, the mean inner product with them, and the codes of the points, all on one device. */
async function trained(trainer: Trainer) {
  const folder = await mkdtemp(join(tmpdir(), 'footnote-kernel-'));
  try {
    const path = join(folder, 'sample.f32');
    await writeFile(path, points.subarray(0, 800 * dimensions));
    const sample = { path, rows: 800, dimensions };
    const options = { k: 20, iterations: 4, seed: 3 };
    const run = trainer.train(sample, options, { path: join(folder, 'centroids'), of: 'a test' });
    const objectives: number[] = [];
    for (;;) {
      const step = await run.next();
      if (!step.done) objectives.push(step.value.objective);
      else return { centroids: step.value, objectives };
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

const onProcessor = openTrainer({ threads: 2, device: 'cpu' });
afterAll(() => onProcessor.close());

for (const device of DEVICES) {
  const absent = await absence(device);
  describe.skipIf(absent !== undefined)(
    `the kernel on ${device}${absent ? ` (skipped: ${absent})` : ''}`,
    () => {
      const trainer = openTrainer({ threads: 2, device });
      afterAll(() => trainer.close());

      test('finds the nearest rows, best first, with their scores', async () => {
        const asked = points.slice(0, 40 * dimensions);
        const found = await trainer.nearest(asked, rows, { dimensions, k: 7 });
        for (let i = 0; i < 40; i += 1) expectNearest(found, asked, i, 7);
      });

      test('finds the one nearest row over more points than one run takes', async () => {
        const found = await trainer.nearest(points, rows, { dimensions, k: 1 });
        expect(found.rows).toHaveLength(5000);
        for (const i of [0, 2500, 4095, 4096, 4999]) expectNearest(found, points, i, 1);
      });

      test('prefers the lower row among equal ones', async () => {
        const twice = new Float32Array([...rows.subarray(0, 960), ...rows.subarray(0, 960)]);
        const found = await trainer.nearest(rows.slice(0, 960), twice, { dimensions, k: 1 });
        expect([...found.rows]).toEqual(Array.from({ length: 40 }, (_, row) => row));
      });

      test('trains the centroids that the processor trains, to the same objective', async () => {
        const [here, there] = [await trained(trainer), await trained(onProcessor)];
        here.objectives.forEach((objective, i) => {
          expect(objective).toBeCloseTo(there.objectives[i] ?? 0, 5);
        });
        const farthest = here.centroids.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - (there.centroids[i] ?? 0))),
          0,
        );
        expect(farthest).toBeLessThan(1e-3);
      });

      test('gives points the lists and codes that the processor gives, with the same error', async () => {
        const asked = points.slice(0, 500 * dimensions);
        const quantizer = {
          centroids: rows.slice(0, 40 * dimensions),
          codebooks: clusteredVectors(4 * 256, dimensions / 4, { seed: 5 }),
          subspaces: 4,
        };
        const [here, there] = [
          await trainer.code(asked, quantizer, dimensions),
          await onProcessor.code(asked, quantizer, dimensions),
        ];
        expect(here.lists).toEqual(there.lists);
        const differ = here.codes.filter((code, i) => code !== there.codes[i]).length;
        expect(differ).toBeLessThan(here.codes.length / 1000);
        expect(here.error / there.error).toBeCloseTo(1, 4);
      });
    },
  );
}

describe('the kernel in the training process', () => {
  const trainer = openTrainer({ threads: 2 });
  afterAll(() => trainer.close());

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
