/**
 * The operations of the store process: one database for each process, opened once, for writing or for reading.
 */
import type { ChunkId, NewChunk, Scored } from '../types.ts';
import type { ReadCheckpoint, StoreOptions } from './chunk-store.ts';

export interface StoreOperations {
  open: { in: StoreOptions & { for: 'writing' | 'reading' }; out: undefined };
  close: { in: undefined; out: undefined };
  checkpoint: { in: undefined; out: ReadCheckpoint | undefined };
  append: { in: { chunks: NewChunk[]; checkpoint: ReadCheckpoint }; out: undefined };
  finish: { in: undefined; out: undefined };
  count: { in: undefined; out: number };
  /** Entries as text, which crosses the process border faster than chunks do. */
  get: { in: ChunkId[]; out: string[] };
  range: { in: { from: ChunkId; to: ChunkId }; out: string[] };
  titles: { in: { typed: string; k: number }; out: string[] };
  titled: { in: { question: string; k: number }; out: Scored[] };
  /** Makes the word index; its events are the number of rows sorted so far. */
  indexWords: { in: undefined; out: undefined; event: number };
  keyword: { in: { question: string; k: number }; out: Scored[] };
}
