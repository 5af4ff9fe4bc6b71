/**
 * Builds an index in FAISS's own format from vectors: trains centroids and codebooks, codes every vector, writes.
 * Knows the order of the steps and the files of one folder; nothing about chunks, models or builds.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../errors.ts';
import { writeWhole } from '../runtime/whole-file.ts';
import { bytesOf, encodeFlatHead } from './format/faiss-format.ts';
import { writeInvertedFile } from './format/inverted-file.ts';
import { trainScalars } from './format/scalars.ts';
import {
  FINISHED,
  INDEX_FILE,
  type IndexFacts,
  indexFacts,
  ROWS_FILE,
  VECTORS_FILE,
} from './index-folder.ts';
import {
  checkRecipe,
  chooseRecipe,
  firstNprobe,
  type InvertedRecipe,
  POINTS_PER_LIST,
  printRecipe,
  type Recipe,
  samplePoints,
} from './recipe.ts';
import { graphOver } from './search/client.ts';
import { fileCheckpoint } from './train/checkpoint.ts';
import type { CodebookEvent } from './train/codebooks.ts';
import { codeAll, listSizes } from './train/coding.ts';
import { imbalanceOf, type KmeansEvent } from './train/kmeans.ts';
import { type Pca, projected, trainPca } from './train/pca.ts';
import { writeSample } from './train/sample.ts';
import { readTrained, type Trained } from './train/trained.ts';
import { type DeviceChoice, openTrainer, type Quantizer, type Trainer } from './train/trainer.ts';
import { allVectors, rawFileVectors } from './vector-sources.ts';
import type { VectorSource } from './vectors.ts';

/** k-means iterations, as FAISS trains inverted lists. */
export const ITERATIONS = 10;
const SEED = 1234;
/** Centroids of an earlier index are reused if the imbalance of the lists is at most this many times that of theirs. */
const MORE_IMBALANCE = 1.25;

export interface BuildIndexOptions {
  vectors: VectorSource;
  /** Chosen by the number of vectors when absent. */
  recipe?: Recipe | undefined;
  /** Folder of the index; created if missing. */
  folder: string;
  threads: number;
  /** Folder of an index over nearly the same vectors; its trained parts are reused where they fit. */
  earlier?: string | undefined;
  /** Where to train and code; the processor when absent. */
  device?: DeviceChoice | undefined;
  seed?: number | undefined;
  signal?: AbortSignal | undefined;
}

export type IndexEvent =
  /** `points`: vectors to train on; `enough` is false if a list gets fewer than FAISS's minimum, 39. */
  | { type: 'train-start'; nlist: number; points: number; enough: boolean }
  /** Centroids of an interrupted run, or of an earlier index, are reused. */
  | { type: 'train-resumed'; nlist: number }
  | KmeansEvent
  | CodebookEvent
  /** `error`: mean squared reconstruction error of the vectors coded in this run; 0 without codes. */
  | { type: 'assign-progress'; done: number; total: number; error: number }
  | { type: 'write-progress'; done: number; total: number };

/**
 * Builds, or resumes an interrupted run with the same options: a finished index is kept, a kill costs one iteration or
 * the second level of training, or the block being coded. A run that ends early leaves no index. Same seed, same index.
 * Throws `CoreError('usage')` for a recipe that needs more vectors, or other dimensions.
 */
export async function* buildIndex(options: BuildIndexOptions): AsyncGenerator<IndexEvent, IndexFacts> {
  const { vectors, folder, signal } = options;
  const recipe = options.recipe ?? chooseRecipe({ chunks: vectors.rows, dimensions: vectors.dimensions });
  checkRecipe(recipe, vectors.rows, vectors.dimensions);
  throwIfAborted(signal);
  await mkdir(folder, { recursive: true });
  // A broken file is no reason to fail here: it is rebuilt.
  const finished = await indexFacts(folder).catch(() => undefined);
  if (finished?.recipe !== printRecipe(recipe) || finished.rows !== vectors.rows) {
    for (const name of FINISHED) await rm(join(folder, name), { force: true });
    if (recipe.type === 'exact') yield* buildExact(vectors, folder, signal);
    else yield* buildInverted(options, recipe);
  }
  for (const name of await readdir(folder))
    if (!FINISHED.includes(name)) await rm(join(folder, name), { force: true });
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

async function* buildInverted(
  options: BuildIndexOptions,
  recipe: InvertedRecipe,
): AsyncGenerator<IndexEvent, void> {
  const { vectors, folder, threads, device, signal } = options;
  const { nlist, subspaces, graph, scalar = 'SQ8' } = recipe;
  const trainer = openTrainer({ threads, device });
  const earlier =
    options.earlier &&
    (await readTrained(options.earlier, recipe, vectors.dimensions).catch(() => undefined));
  let uneven = false;
  try {
    const { sample, pca, ...quantizer } = yield* train(options, recipe, trainer, earlier || undefined);
    const searched = pca ? projected(vectors, pca) : vectors;
    // Named after the quantizer, so that lists and codes of another one are never resumed.
    const name = digest(quantizer, pca);
    const files = { lists: join(folder, `lists-${name}.u32`), codes: join(folder, `codes-${name}.u8`) };
    let error = 0;
    let coded = 0;
    let before: number | undefined;
    for await (const step of codeAll(searched, quantizer, trainer, files, signal)) {
      coded += step.done - (before ?? 0);
      before = step.done;
      error += step.error;
      yield { type: 'assign-progress', done: step.done, total: vectors.rows, error: error / coded };
    }
    const sizes = await listSizes(files.lists, nlist);
    uneven = Boolean(earlier) && imbalanceOf(sizes) > MORE_IMBALANCE * (earlier as Trained).imbalance;
    const made = {
      vectors,
      lists: files.lists,
      sizes,
      pca,
      centroids: quantizer.centroids,
      graph: graph ? await graphOver(quantizer.centroids, searched.dimensions, signal) : undefined,
      coded:
        subspaces === undefined || quantizer.codebooks === undefined
          ? undefined
          : {
              path: files.codes,
              codebooks: quantizer.codebooks,
              subspaces,
              rescoring: await trainScalars(scalar, rawFileVectors(sample)),
            },
      nprobe: firstNprobe(recipe),
      path: join(folder, INDEX_FILE),
      rowsPath: join(folder, ROWS_FILE),
      vectorsPath: join(folder, VECTORS_FILE),
      signal,
    };
    if (!uneven)
      for await (const done of writeInvertedFile(made))
        yield { type: 'write-progress', done, total: vectors.rows };
  } finally {
    await trainer.close();
  }
  if (uneven) yield* buildInverted({ ...options, earlier: undefined }, recipe);
}

/** Principal components, centroids and codebooks, trained on the same sample. */
async function* train(
  { vectors, folder, seed = SEED, signal }: BuildIndexOptions,
  recipe: InvertedRecipe,
  trainer: Trainer,
  earlier: Trained | undefined,
) {
  const { rows, dimensions } = vectors;
  const { pca: components, nlist, subspaces } = recipe;
  const before = components === undefined ? '' : `PCA${components},`;
  const of = (what: string) => `${before}${what} of ${rows} x ${dimensions}, seed ${seed}`;
  const points = samplePoints(recipe, rows);
  const centroidsFile = { path: join(folder, 'centroids.f32'), of: of(`IVF${nlist}, ${points} points`) };
  const kept = await fileCheckpoint(centroidsFile).kept();
  if (kept?.done || earlier) yield { type: 'train-resumed', nlist } satisfies IndexEvent;
  else {
    const enough = points >= POINTS_PER_LIST.enough * nlist;
    yield { type: 'train-start', nlist, points, enough } satisfies IndexEvent;
  }
  const path = join(folder, `sample-${points}-${seed}.f32`);
  const sample = await writeSample(vectors, points, seed, path, signal);
  if (earlier !== undefined) {
    const { imbalance: _, ...trained } = earlier;
    return { sample, ...trained };
  }
  // Not stored: the same sample gives the same components again.
  const pca =
    components === undefined ? undefined : await trainPca(rawFileVectors(sample), components, seed, signal);
  const searched = pca
    ? await writeSample(projected(rawFileVectors(sample), pca), points, seed, `${path}.pca`, signal)
    : sample;
  const options = { k: nlist, iterations: ITERATIONS, seed };
  const centroids = kept?.done
    ? kept.numbers
    : yield* trainer.train(searched, options, centroidsFile, signal);
  if (subspaces === undefined) return { sample, pca, centroids };
  const checkpoint = {
    path: join(folder, 'codebooks.f32'),
    of: of(`PQ${subspaces} after ${digest({ centroids })}`),
  };
  const request = { sample: searched, centroids, subspaces, seed, checkpoint };
  const codebooks = yield* trainer.codebooks(request, signal);
  return { sample, pca, centroids, codebooks, subspaces };
}

function digest({ centroids, codebooks }: Quantizer, pca?: Pca): string {
  const hash = createHash('sha256').update(bytesOf(centroids));
  if (codebooks !== undefined) hash.update(bytesOf(codebooks));
  if (pca !== undefined) hash.update(bytesOf(pca.mean)).update(bytesOf(pca.components));
  return hash.digest('hex').slice(0, 16);
}
