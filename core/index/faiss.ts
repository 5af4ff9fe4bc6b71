/**
 * Search by faiss-node. The only file here that imports it; loaded in the search process alone.
 * Knows one finished index: its file, its rows file, and a view for each nprobe that was asked for.
 */
import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import faiss from 'faiss-node';
import { CoreError, throwIfAborted } from '../errors.ts';
import type { Scored } from '../types.ts';
import { type FaissFile, readFaissFile } from './faiss-read.ts';
import { INDEX_FILE, type IndexSize, ROWS_FILE } from './index-folder.ts';
import { canMap, mappedView, patchedCopy } from './view.ts';

export interface OpenIndex {
  readonly size: IndexSize;
  /** As `Searcher.search`; `queries` are whole and finite, `k` and `nprobe` at least 1. */
  search(
    queries: Float32Array,
    options: { k: number; nprobe?: number | undefined; signal: AbortSignal },
  ): Promise<Scored[][]>;
}

/** Queries in one native call, which cannot be interrupted. */
const QUERIES_AT_ONCE = 16;
/** Views kept; each holds its own copy of the centroids. */
const VIEWS = 4;

/**
 * Opens the index of a folder. Files are checked before FAISS sees them.
 * Throws `CoreError('not-found')`, `CoreError('bad-input')` for broken files, `CoreError('incompatible')` for other kinds.
 */
export async function openFaiss(folder: string, residency: 'mapped' | 'loaded' | 'auto'): Promise<OpenIndex> {
  const file = await readFaissFile(join(folder, INDEX_FILE));
  const rowAt: RowAt =
    file.lists === undefined ? (position) => position : await openRows(join(folder, ROWS_FILE), file.rows);
  const mapped = residency === 'auto' ? await canMap(file.path) : residency === 'mapped';
  const views = new Map<number, faiss.Index>();
  const { nlist, nprobe: stored } = file.ivf ?? { nlist: 1, nprobe: 1 };

  const view = async (nprobe: number): Promise<faiss.Index> => {
    const index = views.get(nprobe) ?? (await load(file, nprobe, mapped));
    views.delete(nprobe);
    views.set(nprobe, index); // last: the first one is the one longest unused
    for (const oldest of views.keys()) {
      if (views.size <= VIEWS) break;
      views.delete(oldest);
    }
    return index;
  };

  return {
    size: { rows: file.rows, dimensions: file.dimensions, nlist, nprobe: stored },
    async search(queries, { k, nprobe = stored, signal }) {
      const most = Math.min(k, file.rows);
      const count = queries.length / file.dimensions;
      if (most === 0) return Array.from({ length: count }, () => []);
      const index = await view(Math.min(nprobe, nlist));
      const found: Scored[][] = [];
      for (let first = 0; first < count; first += QUERIES_AT_ONCE) {
        throwIfAborted(signal);
        const end = Math.min(first + QUERIES_AT_ONCE, count);
        const part = Array.from(queries.subarray(first * file.dimensions, end * file.dimensions));
        const { labels, distances } = index.search(part, most);
        for (let query = 0; query < end - first; query++) {
          const places = labels.slice(query * most, (query + 1) * most);
          found.push(scored(places, distances.slice(query * most, (query + 1) * most), rowAt));
        }
        await breathe(); // lets a cancel message in
      }
      return found;
    },
  };
}

async function load(file: FaissFile, nprobe: number, mapped: boolean): Promise<faiss.Index> {
  try {
    if (file.lists === undefined || (!mapped && nprobe === file.ivf?.nprobe))
      return faiss.Index.read(file.path);
    return faiss.Index.fromBuffer(await (mapped ? mappedView(file, nprobe) : patchedCopy(file, nprobe)));
  } catch (error) {
    if (error instanceof CoreError) throw error;
    throw new CoreError('native', `FAISS cannot open ${file.path}: ${(error as Error).message}`, {
      hint: 'Run `footnote doctor`; `footnote builds verify NAME` checks the file.',
      cause: error,
    });
  }
}

type RowAt = (position: number) => number;

/** FAISS pads with -1 where the visited lists hold fewer than k. */
function scored(positions: number[], scores: number[], rowAt: RowAt): Scored[] {
  return positions
    .map((position, i) => ({ position, score: scores[i] ?? 0 }))
    .filter(({ position }) => position >= 0)
    .map(({ position, score }) => ({ id: rowAt(position), score }));
}

/** Looks rows up where they lie, four bytes each: the file grows with the corpus, memory must not. */
async function openRows(path: string, rows: number): Promise<RowAt> {
  const file = await open(path);
  const { size } = await file.stat();
  if (size !== rows * 4) {
    await file.close();
    throw new CoreError(
      'bad-input',
      `${path} has ${size} bytes, expected four for each of ${rows} vectors.`,
      {
        hint: 'Build the index again.',
      },
    );
  }
  const buffer = Buffer.alloc(4);
  return (position) => {
    if (position >= rows)
      throw new CoreError('bad-input', `The index beside ${path} names position ${position} of ${rows}.`);
    readSync(file.fd, buffer, 0, 4, position * 4);
    return buffer.readUInt32LE();
  };
}
