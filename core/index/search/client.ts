/**
 * The searcher over a finished index, seen from outside its process. Refuses queries that native code cannot handle.
 * Knows messages; FAISS runs in the process behind them.
 */
import { CoreError } from '../../errors.ts';
import { startWorker, type WorkerStats, workerEntry } from '../../runtime/host.ts';
import type { Scored } from '../../types.ts';
import type { IndexSize } from '../index-folder.ts';
import type { Searcher } from '../searcher.ts';

/** All operations of the search process. */
export interface SearchOperations {
  /** First call in a fresh process. */
  open: { in: { folder: string; residency: Residency; foreign: boolean }; out: undefined };
  size: { in: undefined; out: IndexSize };
  search: {
    in: { queries: Float32Array; k: number; nprobe?: number | undefined; candidates?: number | undefined };
    out: Scored[][];
  };
  /** Needs no open index: builds a graph over points, in FAISS's format. */
  graph: { in: { points: Float32Array; dimensions: number }; out: Uint8Array };
}

/** Where inverted lists are while searching: mapped from the file, loaded into memory, or mapped if possible. */
export type Residency = 'mapped' | 'loaded' | 'auto';

export interface OpenSearcherOptions {
  /** The folder that `buildIndex` wrote. */
  folder: string;
  /** Expected number of vectors; any other is refused. */
  rows?: number | undefined;
  residency?: Residency | undefined;
  /** Codes rescored in a search that sets no number; ten per wanted result, at least 200, when absent. */
  candidates?: number | undefined;
  /** Whether the index, of any kind, was not built by Footnote; ids are then those stored in the file. */
  foreign?: boolean | undefined;
  /** Whether a search that crashes its process is repeated once. */
  again?: boolean | undefined;
}

/** A searcher with facts about its process. */
export interface IndexSearcher extends Searcher {
  stats(): WorkerStats;
}

/**
 * Opens the index in a separate process, which restarts by itself after a crash.
 * Throws `CoreError('not-found')` or `CoreError('bad-input')` where the folder has no whole index of that many vectors;
 * searches throw `CoreError('bad-input')` for queries of another dimension or not finite, `CoreError('usage')` for a
 * `k` or `nprobe` that is not a positive whole number, `CoreError('worker-crashed')` if the process ends meanwhile.
 */
export async function openSearcher(options: OpenSearcherOptions): Promise<IndexSearcher> {
  const { folder, residency = 'auto', foreign = false, again } = options;
  const worker = startWorker<SearchOperations>({
    name: 'search',
    entry: workerEntry(import.meta.url, '../../runtime/index'),
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
 * A graph (HNSW, 32 links) over centroids in FAISS's format, built in a separate process; the same for equal centroids.
 * It finds the nearest of many thousands faster than comparing with each.
 */
export async function graphOver(
  points: Float32Array,
  dimensions: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const entry = workerEntry(import.meta.url, '../../runtime/index');
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
