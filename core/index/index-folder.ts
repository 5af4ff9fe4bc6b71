/**
 * A finished index as it lies in its folder: the names of its files, and what they say of themselves.
 * Knows no training and no search.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isCoreError } from '../errors.ts';
import { NPROBE_AT, u64 } from './faiss-format.ts';
import { readFaissFile } from './faiss-read.ts';
import { imbalanceOf } from './kmeans.ts';
import { printRecipe } from './recipe.ts';

/** The index itself, in FAISS's format. */
export const INDEX_FILE = 'index.faiss';
/** u32 each: the row at each position of the index; an exact index has none, its positions are rows. */
export const ROWS_FILE = 'rows.u32';

export interface IndexFacts {
  recipe: string;
  rows: number;
  dimensions: number;
  /** 1 for an exact index. */
  nlist: number;
  /** As stored in the file. */
  nprobe: number;
  bytesPerVector: number;
  /** 1 where all lists are equally long. */
  imbalance: number;
  /** Names inside the folder. */
  files: string[];
}

/** What a searcher must know of an index. */
export type IndexSize = Pick<IndexFacts, 'rows' | 'dimensions' | 'nlist' | 'nprobe'>;

/** What a finished index is like; undefined where there is none. Throws `CoreError('bad-input')` for a broken one. */
export async function indexFacts(folder: string): Promise<IndexFacts | undefined> {
  const file = await readFaissFile(join(folder, INDEX_FILE)).catch((error) => {
    if (isCoreError(error) && error.code === 'not-found') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  const { rows, dimensions, lists, ivf = { nlist: 1, nprobe: 1 } } = file;
  return {
    ...ivf,
    recipe: printRecipe(lists === undefined ? { type: 'exact' } : { type: 'ivf', nlist: ivf.nlist }),
    rows,
    dimensions,
    bytesPerVector: Math.round(file.bytes / Math.max(1, rows)),
    imbalance: lists === undefined ? 1 : imbalanceOf(lists.sizes),
    files: lists === undefined ? [INDEX_FILE] : [INDEX_FILE, ROWS_FILE],
  };
}

/** Stores another default nprobe in a finished inverted-file index, for readers that choose none. */
export async function storeNprobe(folder: string, nprobe: number): Promise<void> {
  const path = join(folder, INDEX_FILE);
  if ((await readFaissFile(path)).lists === undefined) return;
  const file = await open(path, 'r+');
  try {
    await file.write(u64(nprobe), 0, 8, NPROBE_AT);
    await file.sync();
  } finally {
    await file.close();
  }
}
