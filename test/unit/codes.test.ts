import { describe, expect, test } from 'vitest';
import { halfTable } from '../../core/half.ts';
import { encodeScalars, trainScalars } from '../../core/index/format/scalars.ts';
import { openEncoder } from '../../core/index/train/wasm-codes.ts';
import { arrayVectors } from '../../core/index/vector-sources.ts';
import { clusteredVectors } from '../fixtures/vectors.ts';

describe('the code of a vector', () => {
  test.each([
    [24, 4],
    [24, 24],
    [20, 2],
    [32, 1],
  ])('of %i dimensions in %i parts names the nearest centroid of each part', (dimensions, subspaces) => {
    const points = clusteredVectors(150, dimensions, { seed: 4 });
    const codebooks = clusteredVectors(256, dimensions, { seed: 5 });
    const width = dimensions / subspaces;
    const encoder = openEncoder(dimensions, subspaces);
    encoder.use(codebooks);
    const codes = new Uint8Array(150 * subspaces);
    const error = encoder.encode(points, codes);
    let sum = 0;
    for (let i = 0; i < codes.length; i++) {
      const part = points.subarray(i * width, (i + 1) * width);
      const distances = Array.from({ length: 256 }, (_, centroid) => {
        const at = ((i % subspaces) * 256 + centroid) * width;
        return part.reduce((squares, value, d) => squares + (value - (codebooks[at + d] ?? 0)) ** 2, 0);
      });
      const least = Math.min(...distances);
      expect(distances[codes[i] ?? 0]).toBeCloseTo(least, 5);
      sum += least;
    }
    expect(error).toBeCloseTo(sum, 2);
  });

  test('takes the lower number of equal centroids', () => {
    const encoder = openEncoder(4, 1);
    encoder.use(new Float32Array(256 * 4).fill(0.5));
    const codes = new Uint8Array(3).fill(9);
    encoder.encode(new Float32Array(12).fill(0.5), codes);
    expect([...codes]).toEqual([0, 0, 0]);
  });
});

describe('scalars', () => {
  const vectors = clusteredVectors(200, 8);

  test('of a byte are within half a step of the number, and values beyond the sample are cut', async () => {
    const coding = await trainScalars('SQ8', arrayVectors(vectors, 8, 100));
    const codes = encodeScalars(vectors, coding);
    for (let i = 0; i < codes.length; i++) {
      const [least, range] = [coding.trained[i % 8] ?? 0, coding.trained[8 + (i % 8)] ?? 0];
      const told = least + (range * ((codes[i] ?? 0) + 0.5)) / 255;
      expect(Math.abs(told - (vectors[i] ?? 0))).toBeLessThanOrEqual(range / 255 / 2 + 1e-6);
    }
    expect([...encodeScalars(new Float32Array(8).fill(9), coding)]).toEqual(Array(8).fill(255));
    expect([...encodeScalars(new Float32Array(8).fill(-9), coding)]).toEqual(Array(8).fill(0));
  });

  test('of half precision come back as the nearest half, ties to the even one', () => {
    const table = halfTable();
    const back = (value: number) => {
      const coding = { scalar: 'SQfp16', trained: new Float32Array(), recordBytes: 2 } as const;
      const [low = 0, high = 0] = encodeScalars(Float32Array.of(value), coding);
      return table[low | (high << 8)];
    };
    for (const exact of [0, 1, -1, 0.5, 2 ** -14, 2 ** -24, -(2 ** -20), 1.5, 65504])
      expect(back(exact)).toBe(exact);
    expect(back(1 + 2 ** -11)).toBe(1); // half way between 1 and the next half
    expect(back(1 + 3 * 2 ** -11)).toBe(1 + 2 ** -9);
    for (const value of vectors.subarray(0, 200)) expect(back(value)).toBeCloseTo(value, 3);
  });
});
