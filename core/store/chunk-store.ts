/**
 * The contract of the chunk store: id -> chunk, and keyword search over the same rows. Knows no vectors.
 */
import type { Chunk, ChunkId, KeywordTokenizer, NewChunk, Scored } from '../types.ts';

/** How far reading has come; stored in the same transaction as the chunks it counts. */
export interface ReadCheckpoint {
  /** Articles stored so far, over all sources. */
  articles: number;
  /** Which source of the build is being read, and how many of its records are done. */
  source: number;
  records: number;
  skipped: number;
  /** Rows of the store, including those that come with this checkpoint; an append with a different count is refused. */
  chunks: number;
  /** True once every source has been read to its end (or to the build's limit). */
  complete: boolean;
  /** What the sources have stated about themselves so far. */
  site: string;
  languages: string[];
  dumpDate?: string;
}

export interface ChunkWriter {
  /** The last checkpoint, or undefined in a fresh store. */
  checkpoint(): Promise<ReadCheckpoint | undefined>;
  /** Appends chunks as the next rows, together with the new checkpoint: all or nothing. */
  append(chunks: NewChunk[], checkpoint: ReadCheckpoint): Promise<void>;
  /** Ends writing: syncs everything to disk and lets readers in. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

export interface ChunkReader {
  count(): Promise<number>;
  /** Chunks in the order of `ids`; an unknown id is left out. */
  get(ids: ChunkId[]): Promise<Chunk[]>;
  /** Chunks of rows from..to-1. */
  range(from: ChunkId, to: ChunkId): Promise<Chunk[]>;
  /**
   * Best `k` rows by BM25 over title, section and text; a question without a searchable word finds nothing.
   * Throws `not-found` if the word index was not made yet.
   */
  keyword(question: string, k: number, options?: { signal?: AbortSignal | undefined }): Promise<Scored[]>;
  /** Best `k` rows, by the question's words, of the articles whose whole title occurs in it. */
  titled(question: string, k: number, options?: { signal?: AbortSignal | undefined }): Promise<Scored[]>;
  /** Up to `k` titles that begin with what was typed so far, even if it ends within a word; none without a word. */
  titles(typed: string, k: number, options?: { signal?: AbortSignal | undefined }): Promise<string[]>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** The SQLite file; the word index is beside it. */
  path: string;
  tokenizer: KeywordTokenizer;
}
