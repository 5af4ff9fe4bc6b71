import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFaissFile } from '../../core/index/format/faiss-read.ts';
import { eigenvectors, type Pca, project, projected, trainPca } from '../../core/index/train/pca.ts';
import { seededRandom } from '../../core/index/train/random.ts';
import { arrayVectors } from '../../core/index/vector-sources.ts';
import { SHARED } from '../fixtures/shared-data.ts';
import { clusteredVectors, dot, readVecs } from '../fixtures/vectors.ts';

const PARITY = join(SHARED, 'faiss-1.7.3');
const row = (pca: Pca, component: number) => {
  const d = pca.mean.length;
  return pca.components.subarray(component * d, (component + 1) * d);
};

describe('eigenvectors', () => {
  test('of a known matrix are found with their eigenvalues', async () => {
    const { values, vectors } = await eigenvectors(Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 5), 3);
    const found = [...values].map((value, i) => ({ value, vector: vectors.subarray(3 * i, 3 * i + 3) }));
    found.sort((a, b) => b.value - a.value);
    expect(found.map(({ value }) => value)).toEqual([5, expect.closeTo(3, 12), expect.closeTo(1, 12)]);
    const half = Math.SQRT1_2;
    for (const [i, expected] of [
      [0, 0, 1],
      [half, half, 0],
      [half, -half, 0],
    ].entries()) {
      const vector = found[i]?.vector ?? [];
      const along = expected.reduce((sum, value, k) => sum + value * (vector[k] ?? 0), 0);
      expect(Math.abs(along)).toBeCloseTo(1, 12);
    }
  });

  test('of a matrix with no two numbers alike give the matrix back', async () => {
    const d = 20;
    const random = seededRandom(3);
    const matrix = new Float64Array(d * d);
    for (let i = 0; i < d; i++)
      for (let j = 0; j <= i; j++) matrix[i * d + j] = matrix[j * d + i] = random() - 0.5;
    const { values, vectors } = await eigenvectors(matrix.slice(), d);
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) {
        let sum = 0;
        for (let k = 0; k < d; k++)
          sum += (values[k] ?? 0) * (vectors[k * d + i] ?? 0) * (vectors[k * d + j] ?? 0);
        expect(sum).toBeCloseTo(matrix[i * d + j] ?? 0, 12);
      }
  });
});

describe('principal components', () => {
  const D = 8;
  /** Orthonormal: a reflection, so that no axis is one of the vectors' own. */
  const axes = Array.from({ length: D }, (_, i) =>
    Float32Array.from({ length: D }, (_, j) => (i === j ? 1 : 0) - (2 * (i + 1) * (j + 1)) / 204),
  );
  const centre = Float32Array.from({ length: D }, (_, i) => i / 4);
  const widths = [1, 8, 3, 0.1, 0.1, 0.1, 0.1, 0.1];

  /** Around the centre, along each axis as wide as its width. */
  function points(count: number): Float32Array {
    const random = seededRandom(5);
    const made = new Float32Array(count * D);
    for (let from = 0; from < made.length; from += D)
      for (const [axis, width] of widths.entries()) {
        const along = width * (2 * random() - 1);
        for (let i = 0; i < D; i++)
          made[from + i] = (made[from + i] ?? 0) + (centre[i] ?? 0) / D + along * (axes[axis]?.[i] ?? 0);
      }
    return made;
  }
  const vectors = points(5001);

  test('are the axes along which vectors vary most, the widest first', async () => {
    const pca = await trainPca(arrayVectors(vectors, D, 64), 3, 1);
    for (const [component, axis] of [1, 2, 0].entries()) {
      expect(Math.abs(dot(row(pca, component), axes[axis] as Float32Array))).toBeGreaterThan(0.999);
      const variance = (pca.eigenvalues[component] ?? 0) / 5001;
      expect(variance / ((widths[axis] ?? 0) ** 2 / 3)).toBeCloseTo(1, 1);
    }
    for (const [i, value] of pca.mean.entries()) {
      const sum = vectors.reduce((sum, number, at) => (at % D === i ? sum + number : sum), 0);
      expect(value).toBeCloseTo(sum / 5001, 5);
      expect(Math.abs(value - (centre[i] ?? 0))).toBeLessThan(0.2);
    }
  });

  test('are the same to the last bit however the vectors are blocked', async () => {
    const pca = await trainPca(arrayVectors(vectors, D, 64), 3, 1);
    expect(await trainPca(arrayVectors(vectors, D, 7), 3, 1)).toEqual(pca);
  });

  test('give each vector what it is along them, seen from the mean', async () => {
    const pca = await trainPca(arrayVectors(vectors, D, 64), 3, 1);
    const view = projected(arrayVectors(vectors, D, 100), pca);
    expect(view).toMatchObject({ rows: 5001, dimensions: 3 });
    const blocks = [];
    for await (const block of view.read(250, 500)) blocks.push(block);
    expect(blocks.map(({ firstRow, vectors }) => [firstRow, vectors.length])).toEqual([
      [250, 300],
      [350, 300],
      [450, 150],
    ]);
    const from = vectors.subarray(450 * D, 451 * D).map((value, i) => value - (pca.mean[i] ?? 0));
    for (let component = 0; component < 3; component++)
      expect(blocks[2]?.vectors[component]).toBeCloseTo(dot(row(pca, component), from), 5);
  });

  test('as many as there are dimensions leave all distances as they were', async () => {
    const some = clusteredVectors(300, D);
    const made = project(some, await trainPca(arrayVectors(some, D, 64), D, 1));
    const distance = (of: Float32Array, a: number, b: number) =>
      Math.hypot(...Array.from({ length: D }, (_, i) => (of[a * D + i] ?? 0) - (of[b * D + i] ?? 0)));
    for (let i = 1; i < 300; i++) expect(distance(made, i, 0)).toBeCloseTo(distance(some, i, 0), 5);
  });

  test.skipIf(!existsSync(PARITY))(
    'are those that FAISS 1.7.3 found in the same vectors (skipped where its files are not on this machine)',
    async () => {
      const base = readVecs(readFileSync(join(PARITY, 'base.fvecs')), 'float').numbers as Float32Array;
      const path = join(PARITY, 'PCA32_IVF32_Flat-L2.faissindex');
      const { pca: places } = await readFaissFile(path);
      const floats = (at = 0, count = 0) =>
        new Float32Array(Uint8Array.from(readFileSync(path).subarray(at, at + 4 * count)).buffer);
      const theirs = floats(places?.componentsAt, 32 * 64);
      const eigenvalues = floats(places?.eigenvaluesAt, 32);
      const ours = await trainPca(arrayVectors(base, 64, 512), 32, 1);
      for (let component = 0; component < 32; component++) {
        const along = dot(row(ours, component), theirs.subarray(component * 64, (component + 1) * 64));
        expect(Math.abs(along)).toBeCloseTo(1, 4);
        expect((ours.eigenvalues[component] ?? 0) / (eigenvalues[component] ?? 0)).toBeCloseTo(1, 4);
      }
    },
  );
});
