import { expect, it } from 'vitest';
import { seededRandom } from '../../core/index/train/random.ts';
import { splitEmpty } from '../../core/index/train/split-empty.ts';

it('a row that stands for nothing gets half of a large one, both moved apart', () => {
  const vectors = Float32Array.of(1, 1, 0, 0);
  const sizes = Uint32Array.of(7, 0);
  expect(splitEmpty(vectors, sizes, seededRandom(1))).toBe(1);
  expect([...sizes]).toEqual([4, 3]);
  const [apart, nearer] = [1 + 1 / 1024, 1 - 1 / 1024];
  expect([...vectors]).toEqual([nearer, apart, apart, nearer]);
});

it('a row stays empty where no other stands for two', () => {
  const sizes = Uint32Array.of(1, 0, 1);
  expect(splitEmpty(new Float32Array(6), sizes, seededRandom(1))).toBe(0);
  expect([...sizes]).toEqual([1, 0, 1]);
});
