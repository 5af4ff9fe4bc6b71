/**
 * Vectors to a finished index in FAISS's own format: trains centroids, assigns every vector, writes.
 * Knows vectors and the files of one folder; nothing about chunks, models or builds.
 */
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../errors.ts';
import { allVectors } from './all-vectors.ts';
import { keepCentroids, keptCentroids } from './centroids-file.ts';
import { bytesOf, encodeFlatHead } from './faiss-format.ts';
import { INDEX_FILE, type IndexFacts, indexFacts, ROWS_FILE } from './index-folder.ts';
import { writeInvertedFile } from './inverted-lists.ts';
import type { KmeansEvent } from './kmeans.ts';
import { chooser, seededRandom } from './random.ts';
import type { RawVectorFile } from './raw-vectors.ts';
import {
  checkRecipe,
  chooseRecipe,
  firstNprobe,
  POINTS_PER_LIST,
  printRecipe,
  type Recipe,
} from './recipe.ts';
import { openTrainer, type Trainer } from './trainer.ts';
import type { VectorSource } from './vectors.ts';
import { temporary, writeWhole } from './whole-file.ts';

const CENTROIDS_FILE = 'centroids.f32';
/** Vectors copied to train on, and the list of each row: gone once the index is whole. */
const SAMPLE = 'sample.f32';
const LISTS = 'lists.u32';
/** What FAISS trains inverted lists with. */
const ITERATIONS = 10;

export interface BuildIndexOptions {
  vectors: VectorSource;
  /** Chosen by the number of vectors when absent. */
  recipe?: Recipe | undefined;
  /** Where the index comes to lie; made where it is missing. */
  folder: string;
  threads: number;
  seed?: number | undefined;
  signal?: AbortSignal | undefined;
}

export type IndexEvent =
  /** Vectors copied to train on; `enough` is false where a list gets less than FAISS's least, 39. */
  | { type: 'train-start'; nlist: number; points: number; enough: boolean }
  /** Centroids of an interrupted run were taken. */
  | { type: 'train-resumed'; nlist: number }
  | KmeansEvent
  | { type: 'assign-progress' | 'write-progress'; done: number; total: number };

/**
 * Builds, or goes on where an interrupted run of the same options was: a finished index is taken as it is, trained
 * centroids are not trained again. A run that ends early leaves no index. Deterministic for a seed.
 * Throws `CoreError('usage')` for a recipe with more lists than vectors.
 */
export async function* buildIndex(options: BuildIndexOptions): AsyncGenerator<IndexEvent, IndexFacts> {
  const { vectors, folder, recipe = chooseRecipe(vectors.rows), signal } = options;
  checkRecipe(recipe, vectors.rows);
  throwIfAborted(signal);
  await mkdir(folder, { recursive: true });
  // A broken file is no reason to fail here: it is made anew.
  const finished = await indexFacts(folder).catch(() => undefined);
  if (finished?.recipe !== printRecipe(recipe) || finished.rows !== vectors.rows) {
    for (const name of [INDEX_FILE, ROWS_FILE]) await rm(join(folder, name), { force: true });
    if (recipe.type === 'exact') yield* buildExact(vectors, folder, signal);
    else yield* buildInverted(options, recipe.nlist);
  }
  for (const name of [CENTROIDS_FILE, temporary(SAMPLE), temporary(LISTS)])
    await rm(join(folder, name), { force: true });
  return (await indexFacts(folder)) as IndexFacts;
}

async function* buildExact(
  vectors: VectorSource,
  folder: string,
  signal?: AbortSignal,
): AsyncGenerator<IndexEvent, void> {
  const { rows, dimensions } = vectors;
  await writeWhole(
    join(folder, INDEX_FILE),
    (async function* () {
      yield encodeFlatHead(rows, dimensions);
      for await (const block of allVectors(vectors, signal)) yield bytesOf(block.vectors);
    })(),
    signal,
  );
  yield { type: 'write-progress', done: rows, total: rows };
}

async function* buildInverted(options: BuildIndexOptions, nlist: number): AsyncGenerator<IndexEvent, void> {
  const { vectors, folder, threads, signal } = options;
  const trainer = openTrainer({ threads });
  try {
    const centroids = yield* trainedCentroids(options, nlist, trainer);
    const lists = join(folder, temporary(LISTS));
    const sizes = new Uint32Array(nlist);
    for await (const done of assign(vectors, centroids, trainer, { path: lists, sizes, signal }))
      yield { type: 'assign-progress', done, total: vectors.rows };
    const [path, rowsPath] = [join(folder, INDEX_FILE), join(folder, ROWS_FILE)];
    const nprobe = firstNprobe({ type: 'ivf', nlist });
    const made = { vectors, lists, sizes, centroids, nprobe, path, rowsPath, signal };
    for await (const done of writeInvertedFile(made))
      yield { type: 'write-progress', done, total: vectors.rows };
  } finally {
    await trainer.close();
  }
}

async function* trainedCentroids(
  { vectors, folder, seed = 1234, signal }: BuildIndexOptions,
  nlist: number,
  trainer: Trainer,
): AsyncGenerator<IndexEvent, Float32Array> {
  const path = join(folder, CENTROIDS_FILE);
  const { rows, dimensions } = vectors;
  const madeFor = { recipe: printRecipe({ type: 'ivf', nlist }), rows, dimensions, seed };
  const kept = await keptCentroids(path, madeFor);
  if (kept !== undefined) {
    yield { type: 'train-resumed', nlist };
    return kept;
  }
  const points = Math.min(rows, POINTS_PER_LIST.most * nlist);
  yield { type: 'train-start', nlist, points, enough: points >= POINTS_PER_LIST.enough * nlist };
  const sample = await writeSample(vectors, points, seed, join(folder, temporary(SAMPLE)), signal);
  const centroids = yield* trainer.train(sample, { k: nlist, iterations: ITERATIONS, seed }, signal);
  await keepCentroids(path, madeFor, centroids);
  return centroids;
}

/** Copies `points` vectors, chosen at random, to a raw file. */
async function writeSample(
  vectors: VectorSource,
  points: number,
  seed: number,
  path: string,
  signal?: AbortSignal,
): Promise<RawVectorFile> {
  const { rows, dimensions } = vectors;
  const take = chooser(rows, points, seededRandom(seed));
  const file = await open(path, 'w');
  try {
    for await (const block of allVectors(vectors, signal)) {
      const chosen = new Float32Array(block.vectors.length);
      let filled = 0;
      for (let at = 0; at < chosen.length; at += dimensions)
        if (take()) {
          chosen.set(block.vectors.subarray(at, at + dimensions), filled);
          filled += dimensions;
        }
      await file.writeFile(bytesOf(chosen.subarray(0, filled)));
    }
  } finally {
    await file.close();
  }
  return { path, rows: points, dimensions };
}

/** Writes the number of the nearest centroid of each row as u32, counts list sizes, yields the rows done. */
async function* assign(
  vectors: VectorSource,
  centroids: Float32Array,
  trainer: Trainer,
  { path, sizes, signal }: { path: string; sizes: Uint32Array; signal?: AbortSignal | undefined },
): AsyncGenerator<number> {
  const { dimensions } = vectors;
  const file = await open(path, 'w');
  try {
    for await (const { firstRow, vectors: block } of allVectors(vectors, signal)) {
      const { rows } = await trainer.nearest(block, centroids, { dimensions, k: 1, signal });
      for (const list of rows) sizes[list] = (sizes[list] ?? 0) + 1;
      await file.writeFile(bytesOf(Uint32Array.from(rows)));
      yield firstRow + rows.length;
    }
  } finally {
    await file.close();
  }
}
