/**
 * The searcher over a finished index, seen from outside its process. Refuses questions that native code cannot take.
 * Knows messages; FAISS is in the process behind them.
 */
import { CoreError } from '../errors.ts';
import { startWorker, type WorkerStats, workerEntry } from '../runtime/host.ts';
import type { Scored } from '../types.ts';
import type { IndexSize } from './index-folder.ts';
import type { Searcher } from './searcher.ts';

/** The closed set of what the search process does. */
export interface SearchOperations {
  /** First call in a fresh process. */
  open: { in: { folder: string; residency: Residency; foreign: boolean }; out: undefined };
  size: { in: undefined; out: IndexSize };
  search: {
    in: { queries: Float32Array; k: number; nprobe?: number | undefined; candidates?: number | undefined };
    out: Scored[][];
  };
  /** Needs no index: makes a graph over points, in FAISS's bytes. */
  graph: { in: { points: Float32Array; dimensions: number }; out: Uint8Array };
}

/** Where inverted lists are while searching: mapped from the file, loaded into memory, or mapped where that can be done. */
export type Residency = 'mapped' | 'loaded' | 'auto';

export interface OpenSearcherOptions {
  /** The folder that `buildIndex` wrote. */
  folder: string;
  /** Vectors there must be; another number is refused. */
  rows?: number | undefined;
  residency?: Residency | undefined;
  /** Codes that are rescored in a search which does not say; ten for each wanted, at least 200, when absent. */
  candidates?: number | undefined;
  /** Whether it is an index of others' making, of any kind: ids are those that it stores. */
  foreign?: boolean | undefined;
  /** Whether a search that its process does not survive is made once more. */
  again?: boolean | undefined;
}

/** A searcher that also tells of its process. */
export interface IndexSearcher extends Searcher {
  stats(): WorkerStats;
}

/**
 * Opens the index in a process of its own, which starts again by itself after a crash.
 * Throws `CoreError('not-found')` or `CoreError('bad-input')` where the folder has no whole index of that many vectors;
 * searches throw `CoreError('bad-input')` for queries of another dimension or not finite, `CoreError('usage')` for a
 * `k` or `nprobe` that is not a positive whole number, `CoreError('worker-crashed')` where the process ends meanwhile.
 */
export async function openSearcher(options: OpenSearcherOptions): Promise<IndexSearcher> {
  const { folder, residency = 'auto', foreign = false, again } = options;
  const worker = startWorker<SearchOperations>({
    name: 'search',
    entry: workerEntry(import.meta.url, '../runtime/index'),
    restore: (call) => call('open', { folder, residency, foreign }),
  });
  try {
    const size = await worker.call('size', undefined);
    if (options.rows !== undefined && size.rows !== options.rows)
      throw new CoreError(
        'bad-input',
        `The index in ${folder} holds ${size.rows} vectors, expected ${options.rows}.`,
        { hint: 'Build the index again.' },
      );
    return {
      size: async () => size.rows,
      async search(queries, { k, nprobe, candidates = options.candidates, signal }) {
        checkPositive('k', k);
        if (nprobe !== undefined) checkPositive('nprobe', nprobe);
        if (candidates !== undefined) checkPositive('candidates', candidates);
        checkQueries(queries, size.dimensions);
        return worker.call('search', { queries, k, nprobe, candidates }, { signal, again });
      },
      stats: worker.stats,
      close: () => worker.stop(),
    };
  } catch (error) {
    await worker.stop();
    throw error;
  }
}

/**
 * A graph (HNSW, 32 links) over centroids in FAISS's own bytes, made in a process of its own; the same for the same ones.
 * It finds the nearest of many thousand in less time than comparing with each.
 */
export async function graphOver(
  points: Float32Array,
  dimensions: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const entry = workerEntry(import.meta.url, '../runtime/index');
  const worker = startWorker<SearchOperations>({ name: 'search', entry });
  try {
    return await worker.call('graph', { points, dimensions }, { signal });
  } finally {
    await worker.stop();
  }
}

function checkPositive(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new CoreError('usage', `${name} is ${value}, expected a whole number of at least 1.`);
}

function checkQueries(queries: Float32Array, dimensions: number): void {
  if (queries.length % dimensions !== 0)
    throw new CoreError(
      'bad-input',
      `A query of ${queries.length} numbers does not fit an index of ${dimensions} dimensions.`,
      { hint: 'Embed the question with the model that made the build.' },
    );
  if (!queries.every(Number.isFinite))
    throw new CoreError('bad-input', 'A query holds a number that is not finite.');
}
