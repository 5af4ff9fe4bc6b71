/**
 * Measures a finished index against exact search over the vectors it was built from, and finds how many lists and
 * candidates are enough. Knows vectors, a searcher and a kernel; opens nothing.
 */
import { CoreError, throwIfAborted } from '../errors.ts';
import type { SearchPreset } from '../types.ts';
import type { IndexFacts } from './index-folder.ts';
import type { Searcher } from './searcher.ts';
import type { Kernel } from './train/kernel.ts';
import { allVectors, joined } from './vector-sources.ts';
import type { VectorSource } from './vectors.ts';

/** The exact nearest vectors of some queries. */
export interface Truth {
  /** Row-major. */
  queries: Float32Array;
  dimensions: number;
  /** For each query its nearest rows with their scores, best first: 100 of them, and some more for ties. */
  nearest: Neighbour[][];
}

interface Neighbour {
  row: number;
  score: number;
}

export interface ExactOptions {
  kernel: Pick<Kernel, 'nearest'>;
  vectors: VectorSource;
  /** Row-major, as many rows as questions. */
  queries: Float32Array;
  signal?: AbortSignal | undefined;
}

/** Neighbours requested per query. */
const DEPTH = 100;
/** Two inner products of unit vectors this close are a tie: summing in another order changes them as much. */
const TIE = 1e-5;
const DEPTH_FOR_TIES = 128;
const BLOCK_ROWS = 8192;

/** Compares every query with every vector, one block of vectors at a time. */
export async function exactNearest({ kernel, vectors, queries, signal }: ExactOptions): Promise<Truth> {
  const { dimensions } = vectors;
  const nearest: Neighbour[][] = Array.from({ length: queries.length / dimensions }, () => []);
  if (nearest.length === 0 || vectors.rows === 0)
    throw new CoreError('usage', 'An index is verified with at least one query and one vector.');
  const blocks = joined(allVectors(vectors, signal), BLOCK_ROWS, dimensions);
  for await (const { firstRow, vectors: block } of blocks) {
    const k = Math.min(DEPTH_FOR_TIES, block.length / dimensions);
    const { rows, scores } = await kernel.nearest(queries, block, { dimensions, k, signal });
    nearest.forEach((known, query) => {
      const least = known.length < DEPTH_FOR_TIES ? Number.NEGATIVE_INFINITY : (known.at(-1)?.score ?? 0);
      const found: Neighbour[] = [];
      for (let i = query * k; i < (query + 1) * k && (scores[i] as number) > least; i++)
        found.push({ row: firstRow + (rows[i] as number), score: scores[i] as number });
      if (found.length === 0) return;
      known.push(...found);
      known.sort((a, b) => b.score - a.score || a.row - b.row);
      known.length = Math.min(known.length, DEPTH_FOR_TIES);
    });
  }
  return { queries, dimensions, nearest };
}

/** How an index is searched. */
export interface SearchBreadth {
  nprobe: number;
  /** Vectors rescored; absent where the lists hold the vectors themselves. */
  candidates?: number | undefined;
}

/** Searches each query alone and counts what was found; a vector that ties with the last of the nearest counts as one of them. */
export async function measure(
  searcher: Searcher,
  { queries, dimensions, nearest }: Truth,
  { nprobe, candidates }: SearchBreadth,
  signal?: AbortSignal,
): Promise<SearchPreset> {
  const found = { 1: 0, 10: 0, 100: 0 };
  const wanted = { 1: 0, 10: 0, 100: 0 };
  const times: number[] = [];
  for (const [query, exact] of nearest.entries()) {
    throwIfAborted(signal);
    const vector = queries.slice(query * dimensions, (query + 1) * dimensions);
    const start = performance.now();
    const [hits = []] = await searcher.search(vector, { k: DEPTH, nprobe, candidates, signal });
    times.push(performance.now() - start);
    for (const depth of [1, 10, 100] as const) {
      const least = (exact[Math.min(depth, exact.length) - 1]?.score ?? 0) - TIE;
      const among = new Set(exact.filter(({ score }) => score >= least).map(({ row }) => row));
      wanted[depth] += Math.min(depth, exact.length);
      found[depth] += new Set(hits.slice(0, depth).filter(({ id }) => among.has(id))).size;
    }
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 100) / 100;
  return {
    nprobe,
    ...(candidates !== undefined && { candidates }),
    at1: found[1] / wanted[1],
    at10: found[10] / wanted[10],
    at100: found[100] / wanted[100],
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

export interface TuneOptions {
  searcher: Searcher;
  truth: Truth;
  nlist: number;
  /** Whether the best codes are rescored, so that their number matters. */
  rescored?: boolean | undefined;
  /** Recall@10 to reach; 0.98 when absent. */
  target?: number | undefined;
  /** Minimum number of lists to visit, even if fewer reach the target. */
  leastLists?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Tuned {
  /** The first with at least `leastLists` that reaches the target; if none does, the first close to the best. */
  chosen: SearchPreset;
  /** All that were measured, by lists, then by candidates. */
  presets: SearchPreset[];
}

const CANDIDATES = { first: 200, most: 6400 };
/** Bytes read in a few milliseconds: each query visits at least as much of the lists, even beyond the target. */
const AFFORDABLE_BYTES = 8_000_000;
/** If twice the lists add less than this to the recall, twice the candidates are tried too. */
const NO_LONGER_HELPS = 0.004;
/** A gain not worth a slower search: of 5,000,000 vectors, 8 times the lists found nothing more in 6 times the time. */
const NOTHING = 0.001;
/** After this many broader searches in a row that add nothing, no other is tried. */
const IN_VAIN = 3;

/**
 * Lists that a query can visit at little cost: many of a small index, where a missed neighbour loses an answer just as
 * often, and few of a large one.
 */
export function affordableLists({ nlist, memory }: Pick<IndexFacts, 'nlist' | 'memory'>): number {
  return Math.min(nlist, Math.ceil((nlist * AFFORDABLE_BYTES) / memory.mapped));
}

/** Doubles the lists that are visited, or the candidates where those help more, until the recall is reached. */
export async function tune({
  searcher,
  truth,
  nlist,
  rescored = false,
  target = 0.98,
  leastLists = 1,
  signal,
}: TuneOptions): Promise<Tuned> {
  const presets: SearchPreset[] = [];
  const at = async (breadth: SearchBreadth) => {
    const preset = await measure(searcher, truth, breadth, signal);
    presets.push(preset);
    return preset;
  };
  let from = await at({
    nprobe: Math.max(1, Math.floor(nlist / 512)),
    candidates: rescored ? CANDIDATES.first : undefined,
  });
  let inVain = 0;
  while (from.nprobe < leastLists || (from.at10 < target && inVain < IN_VAIN)) {
    const [more, ...others] = broader(from, nlist);
    if (more === undefined) break;
    const steps = from.at10 < target ? [more, ...others] : [more]; // target reached: only more lists are still wanted
    const tried: SearchPreset[] = [];
    for (const step of steps) {
      const next = await at(step);
      tried.push(next);
      if (next.at10 >= target || next.at10 - from.at10 >= NO_LONGER_HELPS) break;
    }
    const best = tried.reduce((one, next) => (next.at10 > one.at10 ? next : one));
    inVain = best.at10 - from.at10 < NOTHING ? inVain + 1 : 0;
    from = best;
  }
  const enough = presets.filter(({ nprobe }) => nprobe >= leastLists);
  const most = Math.max(...enough.map(({ at10 }) => at10));
  const chosen = enough.find(({ at10 }) => at10 >= (most >= target ? target : most - NOTHING)) ?? from;
  return {
    chosen,
    presets: presets.sort((a, b) => a.nprobe - b.nprobe || (a.candidates ?? 0) - (b.candidates ?? 0)),
  };
}

/** The next broader searches: twice the lists, or twice the candidates, up to their maximum. */
function broader({ nprobe, candidates }: SearchBreadth, nlist: number): SearchBreadth[] {
  const steps: SearchBreadth[] = [];
  if (nprobe < nlist) steps.push({ nprobe: Math.min(nprobe * 2, nlist), candidates });
  if (candidates !== undefined && candidates < CANDIDATES.most)
    steps.push({ nprobe, candidates: candidates * 2 });
  return steps;
}
