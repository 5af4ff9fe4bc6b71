/**
 * Spherical k-means: centroids of unit length for vectors compared by inner product, as FAISS trains them for inverted lists.
 * Knows vectors and a kernel; holds centroids, sums and one block of vectors, whatever the size of the sample.
 */
import { CoreError } from '../../errors.ts';
import type { BuildEvent } from '../../types.ts';
import { allVectors } from '../vector-sources.ts';
import type { VectorSource } from '../vectors.ts';
import { type Checkpoint, NO_CHECKPOINT } from './checkpoint.ts';
import type { Kernel } from './kernel.ts';
import { chooser, type Random, seededRandom } from './random.ts';
import { splitEmpty } from './split-empty.ts';

export interface KmeansOptions {
  /** Number of centroids. */
  k: number;
  iterations: number;
  seed: number;
}

/** How a run is stored and cancelled. */
export interface KmeansRun {
  checkpoint?: Checkpoint | undefined;
  signal?: AbortSignal | undefined;
}

/** One iteration, in the words of a build. */
export type KmeansEvent = Required<Extract<BuildEvent, { type: 'train-progress' }>>;

/**
 * Trains on every vector of `sample`; the same sample, options and kernel give the same centroids.
 * @returns row-major `k x dimensions`, each of unit length
 */
export async function* kmeans(
  sample: VectorSource,
  { k, iterations, seed }: KmeansOptions,
  kernel: Pick<Kernel, 'nearest'>,
  { checkpoint = NO_CHECKPOINT, signal }: KmeansRun = {},
): AsyncGenerator<KmeansEvent, Float32Array> {
  if (k > sample.rows)
    throw new CoreError('usage', `${k} lists cannot be trained on ${sample.rows} vectors.`, {
      hint: 'Choose a recipe with fewer lists.',
    });
  const { dimensions } = sample;
  const kept = await checkpoint.kept();
  let centroids = kept?.numbers ?? (await chooseRows(sample, k, seededRandom(seed), signal));
  normaliseRows(centroids, dimensions);
  for (let iteration = (kept?.iteration ?? 0) + 1; iteration <= iterations; iteration++) {
    const random = seededRandom(seed * 1000 + iteration); // one per iteration, so that a resumed run draws the same
    const sums = new Float32Array(k * dimensions);
    const sizes = new Uint32Array(k);
    let objective = 0;
    for await (const { firstRow, vectors } of allVectors(sample, signal)) {
      const { rows, scores } = await kernel.nearest(vectors, centroids, { dimensions, k: 1, signal });
      objective += addToSums(sums, sizes, vectors, rows, scores, firstRow);
    }
    const imbalance = imbalanceOf(sizes);
    const split = splitEmpty(sums, sizes, random);
    normaliseRows(sums, dimensions);
    centroids = sums;
    objective /= sample.rows;
    await checkpoint.keep({ iteration, objective, done: iteration === iterations, numbers: centroids });
    const pointsPerList = sample.rows / k;
    yield { type: 'train-progress', iteration, iterations, objective, imbalance, split, pointsPerList };
  }
  return centroids;
}

/** k * sum of squared sizes / n²: 1 where all lists are equally long, k where one holds everything. */
export function imbalanceOf(sizes: Uint32Array): number {
  let total = 0;
  let squares = 0;
  for (const size of sizes) {
    total += size;
    squares += size * size;
  }
  return total === 0 ? 1 : (sizes.length * squares) / total ** 2;
}

/** `count` rows of the source, chosen at random, in row order. */
async function chooseRows(
  source: VectorSource,
  count: number,
  random: Random,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { dimensions } = source;
  const take = chooser(source.rows, count, random);
  const chosen = new Float32Array(count * dimensions);
  let filled = 0;
  for await (const { vectors } of allVectors(source, signal))
    for (let at = 0; at < vectors.length; at += dimensions)
      if (take()) {
        chosen.set(vectors.subarray(at, at + dimensions), filled);
        filled += dimensions;
      }
  return chosen;
}

/** Adds each vector to the sum of its list; returns the sum of the scores. */
function addToSums(
  sums: Float32Array,
  sizes: Uint32Array,
  vectors: Float32Array,
  lists: Int32Array,
  scores: Float32Array,
  firstRow: number,
): number {
  const dimensions = sums.length / sizes.length;
  let total = 0;
  lists.forEach((list, row) => {
    const score = scores[row] ?? Number.NaN;
    if (!Number.isFinite(score))
      throw new CoreError('bad-input', `Vector ${firstRow + row} holds a number that is not finite.`, {
        hint: 'Remove the build with `footnote builds remove NAME` and build it again.',
      });
    total += score;
    sizes[list] = (sizes[list] ?? 0) + 1;
    const to = list * dimensions;
    const from = row * dimensions;
    for (let i = 0; i < dimensions; i++) sums[to + i] = (sums[to + i] ?? 0) + (vectors[from + i] ?? 0);
  });
  return total;
}

function normaliseRows(rows: Float32Array, dimensions: number): void {
  for (let at = 0; at < rows.length; at += dimensions) {
    const row = rows.subarray(at, at + dimensions);
    let squares = 0;
    for (const value of row) squares += value * value;
    if (squares > 0) for (let i = 0; i < dimensions; i++) row[i] = (row[i] ?? 0) / Math.sqrt(squares);
  }
}
