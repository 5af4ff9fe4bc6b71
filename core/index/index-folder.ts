/**
 * A finished index in its folder: the names of its files, and the facts they contain.
 * Knows no training and no search.
 */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError, isCoreError } from '../errors.ts';
import { ID_BYTES, NPROBE_AT, SCALARS, type Scalar, u64 } from './format/faiss-format.ts';
import { type FaissFile, readFaissFile } from './format/faiss-read.ts';
import { printRecipe, type Recipe } from './recipe.ts';
import { imbalanceOf } from './train/kmeans.ts';

/** The index itself, in FAISS's format. */
export const INDEX_FILE = 'index.faiss';
/** u32 each: the row at each position of the index; an exact index has none, its positions are rows. */
export const ROWS_FILE = 'rows.u32';
/** The vector at each position, in FAISS's format, where the index itself holds codes. */
export const VECTORS_FILE = 'vectors.faiss';
/** All that may be in the folder of a finished index. */
export const FINISHED = [INDEX_FILE, ROWS_FILE, VECTORS_FILE];

export interface IndexFacts {
  recipe: string;
  rows: number;
  dimensions: number;
  /** 1 for an exact index. */
  nlist: number;
  /** As stored in the file. */
  nprobe: number;
  /** Whether the best codes of a search are rescored with the vectors beside the index. */
  rescored: boolean;
  /** Codes, or vectors, and ids. */
  bytesPerVector: number;
  /** 1 where all lists are equally long. */
  imbalance: number;
  /** How many lists are empty, hold 1, 2 to 3, 4 to 7 … vectors. */
  listSizes: number[];
  /** Bytes of lists that a search process maps, and bytes that it keeps in memory: centroids, graph, codebooks. */
  memory: { mapped: number; kept: number };
  /** Bytes of all files. */
  disk: number;
  /** Names inside the folder. */
  files: string[];
}

/** What a searcher must know about an index. */
export type IndexSize = Pick<IndexFacts, 'rows' | 'dimensions' | 'nlist' | 'nprobe' | 'rescored'>;

/** Facts about a finished index; undefined if there is none. Throws `CoreError('bad-input')` for a broken one. */
export async function indexFacts(folder: string): Promise<IndexFacts | undefined> {
  const file = await readFaissFile(join(folder, INDEX_FILE)).catch((error) => {
    if (isCoreError(error) && error.code === 'not-found') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  const { rows, dimensions } = file;
  const { pq, lists, ivf = { nlist: 1, nprobe: 1 } } = file.searched;
  const vectors = pq && (await readVectorsFile(folder, file));
  const recipe = recipeOf(file, vectors);
  const mapped = lists === undefined ? file.bytes : file.bytes - (lists.offsets[0] ?? 0);
  const files = lists === undefined ? [INDEX_FILE] : vectors ? FINISHED : [INDEX_FILE, ROWS_FILE];
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return {
    ...ivf,
    recipe: printRecipe(recipe),
    rows,
    dimensions,
    rescored: vectors !== undefined,
    bytesPerVector: lists === undefined ? dimensions * 4 : lists.codeSize + ID_BYTES,
    imbalance: lists === undefined ? 1 : imbalanceOf(lists.sizes),
    listSizes: lists === undefined ? [] : histogram(lists.sizes),
    memory: { mapped, kept: file.bytes - mapped },
    disk: sizes.reduce((sum, size) => sum + size, 0),
    files,
  };
}

function recipeOf(file: FaissFile, vectors: VectorsFile | undefined): Recipe {
  const { ivf, pq, quantizer } = file.searched;
  if (ivf === undefined) return { type: 'exact' };
  return {
    type: 'ivf',
    ...(file.pca && { pca: file.pca.kept }),
    nlist: ivf.nlist,
    ...(quantizer?.fourcc === 'IHNf' && { graph: true }),
    ...(pq && { subspaces: pq.subspaces }),
    ...(vectors && vectors.scalar !== 'SQ8' && { scalar: vectors.scalar }),
  };
}

/** The vectors beside an index of codes. */
export interface VectorsFile {
  path: string;
  scalar: Scalar;
  /** Offsets of the first vector, and of the ranges of its numbers. */
  codesAt: number;
  trainedAt: number;
}

/** Throws `CoreError('bad-input')` where the vectors beside the index are missing, broken or of another index. */
export async function readVectorsFile(folder: string, index: FaissFile): Promise<VectorsFile> {
  const path = join(folder, VECTORS_FILE);
  const { rows, dimensions, scalar, codesAt } = await readFaissFile(path);
  const name = (Object.keys(SCALARS) as Scalar[]).find((name) => SCALARS[name].type === scalar?.type);
  if (rows !== index.rows || dimensions !== index.dimensions || name === undefined || codesAt === undefined)
    throw new CoreError(
      'bad-input',
      `${path} holds ${rows} x ${dimensions} numbers that do not belong to the index beside it, expected ${index.rows} x ${index.dimensions}.`,
      { hint: 'Build the index again.' },
    );
  return { path, scalar: name, codesAt, trainedAt: scalar?.trainedAt ?? 0 };
}

/** How many sizes are 0, 1, 2 to 3, 4 to 7 and so on. */
function histogram(sizes: Uint32Array): number[] {
  const counts: number[] = [];
  for (const size of sizes) {
    const bucket = 32 - Math.clz32(size);
    while (counts.length <= bucket) counts.push(0);
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  return counts;
}

/** Stores another default nprobe in a finished inverted-file index, for readers that choose none. */
export async function storeNprobe(folder: string, nprobe: number): Promise<void> {
  const path = join(folder, INDEX_FILE);
  const { at, lists } = (await readFaissFile(path)).searched;
  if (lists === undefined) return;
  const file = await open(path, 'r+');
  try {
    await file.write(u64(nprobe), 0, 8, at + NPROBE_AT);
    await file.sync();
  } finally {
    await file.close();
  }
}
