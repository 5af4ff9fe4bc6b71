/**
 * Searches with faiss-node. The only file here that imports it; loaded only in the search process.
 * Knows one finished index: its file, the files beside it, and a view for each nprobe that was asked for.
 */
import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import faiss from 'faiss-node';
import { CoreError, throwIfAborted } from '../../errors.ts';
import type { Scored } from '../../types.ts';
import { type FaissFile, readFaissFile } from '../format/faiss-read.ts';
import { INDEX_FILE, type IndexSize, ROWS_FILE, readVectorsFile } from '../index-folder.ts';
import { openRescore } from './rescore.ts';
import { canMap, mappedView, patchedCopy } from './view.ts';

export interface FaissSearch {
  k: number;
  nprobe?: number | undefined;
  /** Best codes to rescore; ten per wanted result, at least 200, when absent. */
  candidates?: number | undefined;
  signal: AbortSignal;
}

export interface OpenIndex {
  readonly size: IndexSize;
  /** As `Searcher.search`; `queries` are whole and finite, the counts at least 1. */
  search(queries: Float32Array, options: FaissSearch): Promise<Scored[][]>;
}

export interface FaissFolder {
  folder: string;
  residency: 'mapped' | 'loaded' | 'auto';
  /** Whether the index was not built by Footnote; ids are then those stored in the file. */
  foreign?: boolean | undefined;
}

/** Queries in one native call, which cannot be interrupted. */
const QUERIES_AT_ONCE = 16;
/** Maximum number of views kept, and of their bytes in all; each holds its own copy of the centroids. */
const VIEWS = 4;
const VIEW_BYTES = 2 ** 28;
const CANDIDATES = { each: 10, least: 200 };

/**
 * Opens the index of a folder. Files are checked before FAISS sees them.
 * Throws `CoreError('not-found')`, `CoreError('bad-input')` for broken files, `CoreError('incompatible')` for other kinds.
 */
export async function openFaiss({ folder, residency, foreign = false }: FaissFolder): Promise<OpenIndex> {
  const file = await readFaissFile(join(folder, INDEX_FILE));
  const { searched } = file;
  const kind = file.pca ? `PCA,${searched.fourcc}` : file.fourcc;
  if (!foreign && (searched.metric !== 'inner-product' || !/^(IxFI|(PCA,)?(IwFl|IwPQ))$/.test(kind)))
    throw new CoreError('incompatible', `${file.path} is a FAISS index of a kind that no build makes.`, {
      hint: 'Build it again.',
      details: { fourcc: file.fourcc, metric: file.metric },
    });
  const rowAt =
    foreign || searched.lists === undefined ? own : await openRows(join(folder, ROWS_FILE), file.rows);
  const rescore =
    foreign || searched.pq === undefined
      ? undefined
      : await openRescore(await readVectorsFile(folder, file), file.dimensions);
  const view = openViews(
    file,
    !foreign && (residency === 'auto' ? await canMap(file.path) : residency === 'mapped'),
  );
  const { nlist, nprobe: stored } = searched.ivf ?? { nlist: 1, nprobe: 1 };
  const { rows, dimensions } = file;

  return {
    size: { rows, dimensions, nlist, nprobe: stored, rescored: rescore !== undefined },
    async search(queries, { k, nprobe = stored, candidates, signal }) {
      const most = Math.min(k, rows);
      const wanted = candidates ?? Math.max(CANDIDATES.least, k * CANDIDATES.each);
      const asked = rescore === undefined ? most : Math.min(Math.max(most, wanted), rows);
      const count = queries.length / dimensions;
      if (most === 0) return Array.from({ length: count }, () => []);
      const index = await view(Math.min(nprobe, nlist));
      const found: Scored[][] = [];
      for (let first = 0; first < count; first += QUERIES_AT_ONCE) {
        throwIfAborted(signal);
        const end = Math.min(first + QUERIES_AT_ONCE, count);
        const part = queries.subarray(first * dimensions, end * dimensions);
        const { labels, distances } = index.search(Array.from(part), asked);
        for (let query = 0; query < end - first; query++) {
          const [from, to] = [query * asked, (query + 1) * asked];
          const places = labels.slice(from, to).filter((place) => place >= 0); // padded with -1 where lists hold fewer
          const scores =
            rescore?.(part.subarray(query * dimensions, (query + 1) * dimensions), places) ??
            distances.slice(from, to);
          found.push(
            best(places, scores, most, searched.metric === 'l2').map((hit) => ({
              ...hit,
              id: rowAt(hit.id),
            })),
          );
        }
        await breathe(); // lets a cancel message in
      }
      return found;
    },
  };
}

/** The bytes of a graph over points (HNSW, 32 links, inner product), in FAISS's format; the same for the same points. */
export async function graphBytes(
  points: Float32Array,
  dimensions: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const index = faiss.Index.fromFactory(dimensions, 'HNSW32', faiss.MetricType.METRIC_INNER_PRODUCT);
  for (let at = 0, since = Date.now(); at < points.length; at += dimensions) {
    index.add(Array.from(points.subarray(at, at + dimensions))); // one by one: threads would race for links
    if (Date.now() - since < 100) continue;
    await breathe();
    throwIfAborted(signal);
    since = Date.now();
  }
  return index.toBuffer();
}

/** Gives the index with the requested nprobe; the most recently used views are kept. */
function openViews(file: FaissFile, mapped: boolean): (nprobe: number) => Promise<faiss.Index> {
  const views = new Map<number, faiss.Index>();
  const { lists } = file.searched;
  const each = mapped && lists ? (lists.offsets[0] ?? 0) : file.bytes;
  const most = Math.max(1, Math.min(VIEWS, Math.floor(VIEW_BYTES / each)));
  return async (nprobe) => {
    const index = views.get(nprobe) ?? (await load(file, nprobe, mapped));
    views.delete(nprobe);
    views.set(nprobe, index); // moved to the end: the first one is the least recently used
    for (const oldest of views.keys()) {
      if (views.size <= most) break;
      views.delete(oldest);
    }
    return index;
  };
}

async function load(file: FaissFile, nprobe: number, mapped: boolean): Promise<faiss.Index> {
  try {
    const { lists, ivf } = file.searched;
    if (lists === undefined || (!mapped && nprobe === ivf?.nprobe)) return faiss.Index.read(file.path);
    return faiss.Index.fromBuffer(await (mapped ? mappedView(file, nprobe) : patchedCopy(file, nprobe)));
  } catch (error) {
    if (error instanceof CoreError) throw error;
    throw new CoreError('native', `FAISS cannot open ${file.path}: ${(error as Error).message}`, {
      hint: 'Run `footnote doctor`; `footnote builds verify NAME` checks the file.',
      cause: error,
    });
  }
}

/** The best of what was found, as positions; distances are negated, so that higher is better everywhere. */
function best(places: number[], scores: ArrayLike<number>, most: number, distances: boolean): Scored[] {
  return places
    .map((id, i) => ({ id, score: distances ? -(scores[i] as number) : (scores[i] as number) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, most);
}

type RowAt = (position: number) => number;
const own: RowAt = (position) => position;

/** Looks rows up in the file, four bytes each: the file grows with the corpus, memory must not. */
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
