/**
 * The codebooks of a product quantizer: for each sub-space 256 centroids by Lloyd's k-means on residuals (Jégou, Douze,
 * Schmid: Product quantization for nearest neighbor search, 2011). Knows vectors and a kernel; no file.
 */

import { CoreError } from '../../errors.ts';
import type { BuildEvent } from '../../types.ts';
import { allVectors } from '../vector-sources.ts';
import type { VectorSource } from '../vectors.ts';
import { type Checkpoint, NO_CHECKPOINT } from './checkpoint.ts';
import { share } from './code-threads.ts';
import type { Kernel } from './kernel.ts';
import { chooser, type Random, seededRandom } from './random.ts';
import { splitEmpty } from './split-empty.ts';

/** Centroids of a sub-space: a code is a byte. */
export const CENTROIDS = 256;
/** FAISS's own bound: more residuals than these do not help. */
const MOST_RESIDUALS = 256 * CENTROIDS;
/** Rounds of FAISS; fewer where a round no longer helps. */
const ITERATIONS = 25;
/** A round that lowers the error by a smaller share than this is the last. */
const LEAST_GAIN = 0.0005;

export interface CodebooksOptions {
  dimensions: number;
  /** Parts that a vector is cut into. */
  subspaces: number;
  seed: number;
  checkpoint?: Checkpoint | undefined;
  signal?: AbortSignal | undefined;
}

/** One iteration of all codebooks, in the words of a build. */
export type CodebookEvent = Extract<BuildEvent, { type: 'codebook-progress' }>;

/**
 * Trains on `given` residuals; the same residuals, options and kernel give the same numbers.
 * @returns row-major `subspaces x 256 x dimensions / subspaces`
 */
export async function* trainCodebooks(
  given: Float32Array,
  { dimensions, subspaces, seed, checkpoint = NO_CHECKPOINT, signal }: CodebooksOptions,
  kernel: Pick<Kernel, 'encode'>,
): AsyncGenerator<CodebookEvent, Float32Array> {
  const residuals = share(given);
  const count = residuals.length / dimensions;
  if (count < CENTROIDS)
    throw new CoreError(
      'usage',
      `${count} vectors are too few to train codes on, at least ${CENTROIDS} are needed.`,
      {
        hint: 'Choose a recipe without PQ, such as --recipe Flat.',
      },
    );
  const kept = await checkpoint.kept();
  let numbers = kept?.numbers ?? firstCentroids(residuals, dimensions, subspaces, seed);
  let before = kept?.objective ?? Number.POSITIVE_INFINITY;
  let done = kept?.done ?? false;
  for (let iteration = (kept?.iteration ?? 0) + 1; !done; iteration++) {
    const found = await kernel.encode(residuals, numbers, { dimensions, subspaces, signal });
    const error = found.error / count;
    if (!Number.isFinite(error))
      throw new CoreError('bad-input', 'A vector to train on holds a number that is not finite.', {
        hint: 'Remove the build with `footnote builds remove NAME` and build it again.',
      });
    const random = seededRandom(seed * 1000 + iteration); // one per iteration, so that a resumed run draws the same
    numbers = means(residuals, found.codes, numbers, { dimensions, subspaces }, random);
    done = iteration === ITERATIONS || before - error < LEAST_GAIN * error;
    before = error;
    await checkpoint.keep({ iteration, objective: error, done, numbers });
    yield { type: 'codebook-progress', iteration, iterations: ITERATIONS, error };
  }
  return numbers;
}

/** Sub-vectors of 256 residuals chosen at random. */
function firstCentroids(
  residuals: Float32Array,
  dimensions: number,
  subspaces: number,
  seed: number,
): Float32Array {
  const width = dimensions / subspaces;
  const take = chooser(residuals.length / dimensions, CENTROIDS, seededRandom(seed));
  const numbers = new Float32Array(CENTROIDS * dimensions);
  let chosen = 0;
  for (let row = 0; row < residuals.length; row += dimensions) {
    if (!take()) continue;
    for (let m = 0; m < subspaces; m++)
      numbers.set(
        residuals.subarray(row + m * width, row + (m + 1) * width),
        (m * CENTROIDS + chosen) * width,
      );
    chosen += 1;
  }
  return numbers;
}

/** The mean of the sub-vectors of each code; an unused code gets half of a large one. */
function means(
  residuals: Float32Array,
  codes: Uint8Array,
  before: Float32Array,
  { dimensions, subspaces }: { dimensions: number; subspaces: number },
  random: Random,
): Float32Array {
  const width = dimensions / subspaces;
  const sums = new Float64Array(before.length);
  const sizes = new Uint32Array(subspaces * CENTROIDS);
  let at = 0;
  for (let i = 0; i < codes.length; i++) {
    const centroid = (i % subspaces) * CENTROIDS + (codes[i] as number);
    sizes[centroid] = (sizes[centroid] as number) + 1;
    for (let to = centroid * width, end = to + width; to < end; to++)
      sums[to] = (sums[to] as number) + (residuals[at++] as number);
  }
  const numbers = new Float32Array(before.length);
  for (let to = 0; to < numbers.length; to++)
    numbers[to] = (sums[to] as number) / (sizes[Math.floor(to / width)] as number);
  for (let m = 0; m < subspaces; m++) {
    const [from, to] = [m * CENTROIDS, (m + 1) * CENTROIDS];
    splitEmpty(numbers.subarray(from * width, to * width), sizes.subarray(from, to), random);
  }
  return numbers;
}

/** Each point minus the centroid of its list. */
export function residualsOf(
  points: Float32Array,
  lists: Int32Array,
  centroids: Float32Array,
  dimensions: number,
): Float32Array {
  const residuals = new Float32Array(points.length);
  let at = 0;
  for (const list of lists)
    for (let from = list * dimensions, end = from + dimensions; from < end; from++, at++)
      residuals[at] = (points[at] as number) - (centroids[from] as number);
  return residuals;
}

/** Residuals of at most 65,536 random vectors of a sample: each vector minus its nearest centroid. */
export async function sampleResiduals(
  sample: VectorSource,
  centroids: Float32Array,
  seed: number,
  kernel: Pick<Kernel, 'nearest'>,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { rows, dimensions } = sample;
  const count = Math.min(rows, MOST_RESIDUALS);
  const take = chooser(rows, count, seededRandom(seed));
  const points = share(new Float32Array(count * dimensions));
  let filled = 0;
  for await (const { vectors } of allVectors(sample, signal))
    for (let at = 0; at < vectors.length; at += dimensions) {
      if (!take()) continue;
      points.set(vectors.subarray(at, at + dimensions), filled);
      filled += dimensions;
    }
  const { rows: lists } = await kernel.nearest(points, centroids, { dimensions, k: 1, signal });
  points.set(residualsOf(points, lists, centroids, dimensions));
  return points;
}
