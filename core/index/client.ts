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
  open: { in: { folder: string; residency: Residency }; out: undefined };
  size: { in: undefined; out: IndexSize };
  search: { in: { queries: Float32Array; k: number; nprobe?: number | undefined }; out: Scored[][] };
}

/** Where inverted lists are while searching: mapped from the file, loaded into memory, or mapped where that can be done. */
export type Residency = 'mapped' | 'loaded' | 'auto';

export interface OpenSearcherOptions {
  /** The folder that `buildIndex` wrote. */
  folder: string;
  /** Vectors there must be; another number is refused. */
  rows?: number | undefined;
  residency?: Residency | undefined;
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
  const { folder, residency = 'auto' } = options;
  const worker = startWorker<SearchOperations>({
    name: 'search',
    entry: workerEntry(import.meta.url, '../runtime/index'),
    restore: (call) => call('open', { folder, residency }),
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
      async search(queries, { k, nprobe, signal }) {
        checkPositive('k', k);
        if (nprobe !== undefined) checkPositive('nprobe', nprobe);
        checkQueries(queries, size.dimensions);
        return worker.call('search', { queries, k, nprobe }, { signal });
      },
      stats: worker.stats,
      close: () => worker.stop(),
    };
  } catch (error) {
    await worker.stop();
    throw error;
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
