/**
 * Measures a finished index against exact search over the vectors it was built from, and finds the nprobe that is enough.
 * Knows vectors, a searcher and a kernel; opens nothing.
 */
import { CoreError, throwIfAborted } from '../errors.ts';
import { allVectors } from './all-vectors.ts';
import type { Kernel } from './kernel.ts';
import type { Searcher } from './searcher.ts';
import type { VectorSource } from './vectors.ts';

export interface Recall {
  /** Share of queries whose first result is a nearest vector. */
  at1: number;
  /** Share of the k nearest vectors (10 by default) that were found. */
  at10: number;
  queries: number;
  nprobe: number;
  /** Median time of one query, searched alone. */
  p50Ms: number;
}

/** The exact nearest vectors of some queries. */
export interface Truth {
  queries: Float32Array;
  dimensions: number;
  k: number;
  /** For each query its nearest rows with their scores, best first: `k` of them, and more behind for ties. */
  nearest: Neighbour[][];
}

interface Neighbour {
  row: number;
  score: number;
}

export interface ExactOptions {
  kernel: Kernel;
  vectors: VectorSource;
  /** Row-major, as many rows as questions. */
  queries: Float32Array;
  /** 10 when absent. */
  k?: number;
  signal?: AbortSignal | undefined;
}

/** Two inner products of unit vectors this close are a tie: summing in another order moves them as far. */
const TIE = 1e-5;
const DEPTH_FOR_TIES = 4;

/** Compares every query with every vector, one block of vectors at a time. */
export async function exactNearest({
  kernel,
  vectors,
  queries,
  k = 10,
  signal,
}: ExactOptions): Promise<Truth> {
  const { dimensions } = vectors;
  const depth = k * DEPTH_FOR_TIES;
  let nearest: Neighbour[][] = Array.from({ length: queries.length / dimensions }, () => []);
  if (nearest.length === 0 || vectors.rows === 0)
    throw new CoreError('usage', 'An index is verified with at least one query and one vector.');
  for await (const { firstRow, vectors: block } of allVectors(vectors, signal)) {
    const most = Math.min(depth, block.length / dimensions);
    const { rows, scores } = await kernel.nearest(queries, block, { dimensions, k: most, signal });
    nearest = nearest.map((known, query) => {
      const found = Array.from(rows.subarray(query * most, (query + 1) * most), (row, i) => ({
        row: firstRow + row,
        score: scores[query * most + i] ?? 0,
      }));
      return [...known, ...found].sort((a, b) => b.score - a.score || a.row - b.row).slice(0, depth);
    });
  }
  return { queries, dimensions, k, nearest };
}

/** Searches each query alone and counts what was found; a vector that ties with the last of the nearest counts as one of them. */
export async function measureRecall(
  searcher: Searcher,
  { queries, dimensions, k, nearest }: Truth,
  nprobe: number,
  signal?: AbortSignal,
): Promise<Recall> {
  let first = 0;
  let found = 0;
  let wanted = 0;
  const times: number[] = [];
  for (const [query, exact] of nearest.entries()) {
    throwIfAborted(signal);
    const vector = queries.slice(query * dimensions, (query + 1) * dimensions);
    const start = performance.now();
    const [hits = []] = await searcher.search(vector, { k, nprobe, signal });
    times.push(performance.now() - start);
    const asGoodAs = (place: number) => {
      const least = (exact[Math.min(place, exact.length) - 1]?.score ?? 0) - TIE;
      return new Set(exact.filter(({ score }) => score >= least).map(({ row }) => row));
    };
    const among = asGoodAs(k);
    const ids = new Set(hits.map(({ id }) => id));
    wanted += Math.min(k, exact.length);
    found += [...ids].filter((id) => among.has(id)).length;
    if (hits[0] !== undefined && asGoodAs(1).has(hits[0].id)) first += 1;
  }
  return {
    at1: first / nearest.length,
    at10: found / wanted,
    queries: nearest.length,
    nprobe,
    p50Ms: times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0,
  };
}

export interface TuneOptions {
  searcher: Searcher;
  truth: Truth;
  nlist: number;
  /** Where to begin; doubled until it is enough. */
  first?: number;
  /** Recall@k to reach. */
  target?: number;
  signal?: AbortSignal | undefined;
}

/** The recall at the first nprobe that reaches the target (0.98 by default), or with every list visited. */
export async function tuneNprobe({
  searcher,
  truth,
  nlist,
  first = 1,
  target = 0.98,
  signal,
}: TuneOptions): Promise<Recall> {
  for (let nprobe = Math.min(first, nlist); ; nprobe = Math.min(nprobe * 2, nlist)) {
    const recall = await measureRecall(searcher, truth, nprobe, signal);
    if (recall.at10 >= target || nprobe === nlist) return recall;
  }
}
