/**
 * What the store process can be asked: one database a process, opened once for writing or for reading.
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
  /** The text of entries: it crosses the border in less time than chunks do. */
  get: { in: ChunkId[]; out: string[] };
  range: { in: { from: ChunkId; to: ChunkId }; out: string[] };
  titles: { in: { typed: string; k: number }; out: string[] };
  titled: { in: { question: string; k: number }; out: Scored[] };
  /** Makes the word index; its events count the rows that are sorted. */
  indexWords: { in: undefined; out: undefined; event: number };
  keyword: { in: { question: string; k: number }; out: Scored[] };
}
