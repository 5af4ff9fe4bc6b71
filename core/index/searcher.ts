/**
 * The contract of a vector search over one finished index. Knows vectors and chunk ids; no text.
 */
import type { Scored } from '../types.ts';

export interface SearchOptions {
  k: number;
  /** Inverted lists visited; ignored by an exact index; the build's own default when absent. */
  nprobe?: number | undefined;
  /** Codes that are rescored by their vectors; ignored where the index holds vectors; the build's own default when absent. */
  candidates?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Searcher {
  /** Number of vectors. */
  size(): Promise<number>;
  /**
   * Nearest chunks by inner product, best first, one array per query; shorter than k if the index holds fewer.
   * @param queries row-major, queries.length / dimensions rows
   */
  search(queries: Float32Array, options: SearchOptions): Promise<Scored[][]>;
  close(): Promise<void>;
}
