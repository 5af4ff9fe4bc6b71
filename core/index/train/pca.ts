/**
 * Principal component analysis: reduces vectors to the dimensions along which a sample of them varies most, as FAISS's
 * `PCAMatrix` does (faiss/VectorTransform.cpp). Knows numbers; no index and no file.
 * Uses only sums, products, quotients and square roots, so that the same sample gives the same bits on every machine.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { throwIfAborted } from '../../errors.ts';
import { allVectors } from '../vector-sources.ts';
import type { VectorSource } from '../vectors.ts';
import { chooser, seededRandom } from './random.ts';

/** Maps `mean.length` dimensions to `eigenvalues.length`. */
export interface Pca {
  mean: Float32Array;
  /** Squared distances from the mean along each component, summed over the points trained on, the largest first. */
  eigenvalues: Float32Array;
  /** Row-major, a component of unit length in each row. */
  components: Float32Array;
}

/** Points to train on for each dimension: more do not help (FAISS's own bound). */
const MOST_POINTS = 1000;
/** Rows whose products are summed at once, so that each sum is read and written that many times less often. */
const AT_ONCE = 4;

/** The first `kept` principal components of at most 1,000 of the sample's vectors for each dimension. */
export async function trainPca(
  sample: VectorSource,
  kept: number,
  seed: number,
  signal?: AbortSignal,
): Promise<Pca> {
  const { mean, scatter } = await scatterOf(sample, seed, signal);
  const d = mean.length;
  const { values, vectors } = await eigenvectors(scatter, d, signal);
  const order = Array.from(values.keys()).sort((a, b) => at(values, b) - at(values, a));
  const components = new Float32Array(kept * d);
  for (const [row, from] of order.slice(0, kept).entries())
    components.set(vectors.subarray(from * d, (from + 1) * d), row * d);
  const eigenvalues = Float32Array.from(order.slice(0, kept), (from) => at(values, from));
  return { mean: Float32Array.from(mean), eigenvalues, components };
}

/** The mean, and the scatter matrix: the summed products of the deviations from it, symmetric. */
async function scatterOf(sample: VectorSource, seed: number, signal?: AbortSignal) {
  const { rows, dimensions: d } = sample;
  const points = Math.min(rows, MOST_POINTS * d);
  const take = chooser(rows, points, seededRandom(seed));
  const mean = new Float64Array(d);
  const scatter = new Float64Array(d * d);
  const held = new Float64Array(AT_ONCE * d);
  let filled = 0;
  const sum = () => {
    held.fill(0, filled);
    addProducts(mean, scatter, held);
    filled = 0;
  };
  for await (const { vectors } of allVectors(sample, signal))
    for (let from = 0; from < vectors.length; from += d)
      if (take()) {
        held.set(vectors.subarray(from, from + d), filled);
        filled += d;
        if (filled === held.length) sum();
      }
  sum();
  for (let i = 0; i < d; i++) mean[i] = at(mean, i) / points;
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++)
      scatter[i * d + j] = scatter[j * d + i] = at(scatter, i * d + j) - points * at(mean, i) * at(mean, j);
  return { mean, scatter };
}

/** Adds four rows to the sums, and their products to the lower half of the matrix. */
function addProducts(sums: Float64Array, products: Float64Array, rows: Float64Array): void {
  const d = sums.length;
  for (let i = 0; i < d; i++) {
    const [a, b, c, e] = [at(rows, i), at(rows, d + i), at(rows, 2 * d + i), at(rows, 3 * d + i)];
    sums[i] = at(sums, i) + a + b + c + e;
    for (let j = 0; j <= i; j++)
      products[i * d + j] =
        at(products, i * d + j) +
        a * at(rows, j) +
        b * at(rows, d + j) +
        c * at(rows, 2 * d + j) +
        e * at(rows, 3 * d + j);
  }
}

/** A matrix counts as diagonal if its squares off the diagonal are at most this share of those on it. */
const NOTHING_LEFT = 1e-24;
const MOST_SWEEPS = 30;

/**
 * Eigenvalues and eigenvectors (one per row) of a symmetric `d x d` matrix, which is diagonalised in place: cyclic
 * Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5). About ten sweeps, 0.2 s each for 384 dimensions.
 */
export async function eigenvectors(
  matrix: Float64Array,
  d: number,
  signal?: AbortSignal,
): Promise<{ values: Float64Array; vectors: Float64Array }> {
  const vectors = new Float64Array(d * d);
  for (let i = 0; i < d; i++) vectors[i * d + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS && !isDiagonal(matrix, d); sweep++) {
    for (let p = 0; p < d; p++)
      for (let q = p + 1; q < d; q++) {
        const off = at(matrix, p * d + q);
        if (off === 0) continue;
        const theta = (at(matrix, q * d + q) - at(matrix, p * d + p)) / (2 * off);
        const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        const sine = tangent * cosine;
        for (let k = 0; k < d; k++) rotate(matrix, k * d + p, k * d + q, cosine, sine);
        for (let k = 0; k < d; k++) {
          rotate(matrix, p * d + k, q * d + k, cosine, sine);
          rotate(vectors, p * d + k, q * d + k, cosine, sine);
        }
      }
    await breathe(); // lets a cancel in
    throwIfAborted(signal);
  }
  return { values: Float64Array.from({ length: d }, (_, i) => at(matrix, i * d + i)), vectors };
}

function rotate(numbers: Float64Array, p: number, q: number, cosine: number, sine: number): void {
  const [a, b] = [at(numbers, p), at(numbers, q)];
  numbers[p] = cosine * a - sine * b;
  numbers[q] = sine * a + cosine * b;
}

function isDiagonal(matrix: Float64Array, d: number): boolean {
  let [on, off] = [0, 0];
  matrix.forEach((value, i) => {
    if (i % (d + 1) === 0) on += value * value;
    else off += value * value;
  });
  return off <= NOTHING_LEFT * on;
}

/** What is added to the products with the components, so that the mean maps to 0. */
export function biasOf({ mean, components }: Pca): Float32Array {
  const d = mean.length;
  return Float32Array.from({ length: components.length / d }, (_, row) =>
    mean.reduce((sum, value, i) => sum - value * at(components, row * d + i), 0),
  );
}

/** Row-major vectors in the dimensions of the components: components * (vector - mean). */
export function project(vectors: Float32Array, pca: Pca): Float32Array {
  const [d, kept] = [pca.mean.length, pca.eigenvalues.length];
  const bias = biasOf(pca);
  const columns = Float64Array.from(pca.components, (_, i) =>
    at(pca.components, (i % kept) * d + Math.floor(i / kept)),
  );
  const made = new Float32Array((vectors.length / d) * kept);
  const sums = new Float64Array(kept);
  for (let row = 0; row < made.length / kept; row++) {
    sums.set(bias);
    for (let i = 0; i < d; i++) {
      const value = at(vectors, row * d + i);
      for (let k = 0; k < kept; k++) sums[k] = at(sums, k) + value * at(columns, i * kept + k);
    }
    made.set(sums, row * kept);
  }
  return made;
}

/** The vectors of a source, each projected as it is read. */
export function projected(source: VectorSource, pca: Pca): VectorSource {
  return {
    rows: source.rows,
    dimensions: pca.eigenvalues.length,
    async *read(from, to) {
      for await (const { firstRow, vectors } of source.read(from, to))
        yield { firstRow, vectors: project(vectors, pca) };
    },
  };
}

const at = (numbers: Float32Array | Float64Array, i: number): number => numbers[i] as number;
