/**
 * k-means for many centroids in two levels: sqrt(k) clusters over the whole sample, then within each cluster its share
 * of the centroids, then rounds over all centroids if affordable. Costs sqrt(k) where plain k-means costs k.
 * Knows a sample and a scratch file beside it; works on one cluster at a time.
 */
import { open, rm } from 'node:fs/promises';
import { mapped, resultOf } from '../../runtime/events.ts';
import { bytesOf } from '../format/faiss-format.ts';
import { listOrder, positionsBefore } from '../format/list-order.ts';
import { allVectors, type RawVectorFile, rawFileVectors } from '../vector-sources.ts';
import { type CheckpointFile, fileCheckpoint } from './checkpoint.ts';
import type { Kernel } from './kernel.ts';
import { imbalanceOf, type KmeansEvent, type KmeansOptions, kmeans } from './kmeans.ts';

/** Two levels are used from this many centroids on. */
export const TWO_LEVELS_FROM = 4096;
/** Final rounds over all centroids, at most `most`: as many as fit into these operations if all pairs were compared. */
const REFINE = { operations: 1e13, most: 3 };

/** Rounds over all `k` centroids that are affordable for a sample of `rows`. */
export function refiningRounds(rows: number, k: number, dimensions: number): number {
  return Math.min(REFINE.most, Math.floor(REFINE.operations / (2 * rows * k * dimensions)));
}

export interface TwoLevelRun {
  /** Stores the state of levels and rounds; the first level's own state is in a file beside it. */
  checkpoint: CheckpointFile;
  signal?: AbortSignal | undefined;
}

/** As `kmeans`; the same sample, options and kernel give the same centroids, interrupted or not. */
export async function* twoLevelKmeans(
  file: RawVectorFile,
  { k, iterations, seed }: KmeansOptions,
  kernel: Pick<Kernel, 'nearest'>,
  { checkpoint, signal }: TwoLevelRun,
): AsyncGenerator<KmeansEvent, Float32Array> {
  const sample = rawFileVectors(file);
  const rounds = refiningRounds(file.rows, k, file.dimensions);
  const whole = iterations + 1 + rounds;
  const told = (event: KmeansEvent, before: number): KmeansEvent => ({
    ...event,
    iteration: before + event.iteration,
    iterations: whole,
    pointsPerList: file.rows / k,
  });
  const first = { path: `${checkpoint.path}.first`, of: `first level of ${checkpoint.of}` };
  const [firstLevel, all] = [fileCheckpoint(first), fileCheckpoint(checkpoint)];

  let kept = await all.kept();
  if (kept === undefined) {
    const options = { k: Math.round(Math.sqrt(k)), iterations, seed };
    const top = yield* mapped(kmeans(sample, options, kernel, { checkpoint: firstLevel, signal }), (event) =>
      told(event, 0),
    );
    const { numbers, objective, imbalance } = await secondLevel(
      file,
      top,
      { k, iterations, seed },
      kernel,
      signal,
    );
    kept = { iteration: 0, objective, done: rounds === 0, numbers };
    await all.keep(kept);
    await rm(first.path, { force: true });
    yield told(
      {
        type: 'train-progress',
        iteration: 1,
        iterations: whole,
        objective,
        imbalance,
        split: 0,
        pointsPerList: 0,
      },
      iterations,
    );
  }
  if (kept.done) return kept.numbers;
  const refining = kmeans(sample, { k, iterations: rounds, seed }, kernel, { checkpoint: all, signal });
  return yield* mapped(refining, (event) => told(event, iterations + 1));
}

/** Centroids within each cluster of the first level, in proportion to its share of the vectors. */
async function secondLevel(
  file: RawVectorFile,
  top: Float32Array,
  { k, iterations, seed }: KmeansOptions,
  kernel: Pick<Kernel, 'nearest'>,
  signal?: AbortSignal,
): Promise<{ numbers: Float32Array; objective: number; imbalance: number }> {
  const { rows, dimensions } = file;
  const lists = new Uint32Array(rows);
  for await (const { firstRow, vectors } of allVectors(rawFileVectors(file), signal))
    lists.set((await kernel.nearest(vectors, top, { dimensions, k: 1, signal })).rows, firstRow);
  const sizes = new Uint32Array(top.length / dimensions);
  for (const list of lists) sizes[list] = (sizes[list] as number) + 1;
  const shares = sharesOf(sizes, k);
  const sorted = `${file.path}.sorted`;
  await sortByList(file, lists, sizes, sorted, signal);
  const numbers = new Float32Array(k * dimensions);
  const starts = positionsBefore(sizes);
  let filled = 0;
  let objective = 0;
  try {
    for (const [list, share] of shares.entries()) {
      if (share === 0) continue;
      const rowsHere = sizes[list] as number;
      const part = rawFileVectors({
        path: sorted,
        rows: rowsHere,
        dimensions,
        firstRow: starts[list] as number,
      });
      const run = kmeans(part, { k: share, iterations, seed: seed + list }, kernel, { signal });
      let reached = 0;
      const within = await resultOf(run, (event) => {
        reached = event.objective;
      });
      numbers.set(within, filled);
      filled += within.length;
      objective += (reached * rowsHere) / rows;
    }
  } finally {
    await rm(sorted, { force: true });
  }
  return { numbers, objective, imbalance: imbalanceOf(sizes) };
}

/** Shares of `k` in proportion to sizes, each at most the size, at least one where there is anything. */
export function sharesOf(sizes: Uint32Array, k: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const shares = Array.from(sizes, (size) =>
    size === 0 ? 0 : Math.min(size, Math.max(1, Math.floor((k * size) / total))),
  );
  let missing = k - shares.reduce((sum, share) => sum + share, 0);
  const wants = (list: number) => (sizes[list] as number) / ((shares[list] as number) + 1);
  while (missing !== 0) {
    const step = Math.sign(missing);
    const able = shares.flatMap((share, list) => {
      const possible = step > 0 ? share < (sizes[list] as number) : share > 1;
      return possible ? [list] : [];
    });
    // The longest lists get one more, the shortest give one up.
    able.sort((a, b) => step * (wants(b) - wants(a)) || a - b);
    for (const list of able.slice(0, Math.abs(missing))) shares[list] = (shares[list] as number) + step;
    missing -= step * Math.min(able.length, Math.abs(missing));
    if (able.length === 0) break;
  }
  return shares;
}

async function sortByList(
  file: RawVectorFile,
  lists: Uint32Array,
  sizes: Uint32Array,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  const recordBytes = file.dimensions * 4;
  const target = await open(path, 'w');
  try {
    const starts = positionsBefore(sizes).map((count) => count * recordBytes);
    const place = listOrder(sizes.length, [{ file: target.fd, recordBytes, starts }]);
    for await (const { firstRow, vectors } of allVectors(rawFileVectors(file), signal)) {
      const count = vectors.length / file.dimensions;
      place({ lists: lists.subarray(firstRow, firstRow + count), records: [bytesOf(vectors)] });
    }
  } finally {
    await target.close();
  }
}
