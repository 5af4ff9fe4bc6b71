/**
 * The chunk store as callers see it: the contract, implemented by a process of its own.
 * Knows processes; loads no native module.
 */

import { streamed } from '../runtime/events.ts';
import { startWorker, type Worker, workerEntry } from '../runtime/host.ts';
import type { ChunkReader, ChunkWriter, StoreOptions } from './chunk-store.ts';
import { chunkOf } from './entry.ts';
import type { StoreOperations } from './operations.ts';

/**
 * Opens a store for its one writer, and creates it if there is none.
 * Throws `locked` while another writer has it, `incompatible` for a file of another version or tokenizer, `bad-input`
 * for a file that is not a store, `disk` if it cannot be written.
 */
export async function openChunkWriter(options: StoreOptions): Promise<ChunkWriter> {
  const worker = await open(options, 'writing');
  return {
    checkpoint: () => worker.call('checkpoint', undefined),
    append: (chunks, checkpoint) => worker.call('append', { chunks, checkpoint }),
    finish: () => worker.call('finish', undefined),
    close: () => close(worker),
  };
}

/**
 * Opens an existing store for reading; any number of readers may. A read that a crash interrupts is retried.
 * Throws as {@link openChunkWriter} does, or `not-found`.
 */
export async function openChunkReader(options: StoreOptions): Promise<ChunkReader> {
  const worker = await open(options, 'reading');
  const read: Worker<StoreOperations>['call'] = (op, input, options) =>
    worker.call(op, input, { ...options, again: true });
  return {
    count: () => read('count', undefined),
    get: async (ids) => (await read('get', ids)).map(chunkOf),
    range: async (from, to) => (await read('range', { from, to })).map(chunkOf),
    keyword: (question, k, { signal } = {}) => read('keyword', { question, k }, { signal }),
    titles: (typed, k, { signal } = {}) => read('titles', { typed, k }, { signal }),
    titled: (question, k, { signal } = {}) => read('titled', { question, k }, { signal }),
    close: () => close(worker),
  };
}

/**
 * Makes a finished store's word index beside it, in a process of its own; resumes where an earlier run stopped.
 * Yields how many rows are done. Throws `disk`, or as {@link openChunkReader} does.
 */
export async function* indexWords(options: StoreOptions, signal?: AbortSignal): AsyncGenerator<number, void> {
  const worker = await open(options, 'reading');
  try {
    yield* streamed<number, void>(
      (onEvent, either) => worker.call('indexWords', undefined, { signal: either, onEvent }),
      signal,
    );
  } finally {
    await worker.stop();
  }
}

async function open(options: StoreOptions, purpose: 'writing' | 'reading'): Promise<Worker<StoreOperations>> {
  const worker = startWorker<StoreOperations>({
    name: 'chunk store',
    entry: workerEntry(import.meta.url, '../runtime/store'),
    restore: (call) => call('open', { ...options, for: purpose }),
  });
  try {
    await worker.call(purpose === 'writing' ? 'checkpoint' : 'count', undefined);
    return worker;
  } catch (error) {
    await worker.stop();
    throw error;
  }
}

async function close(worker: Worker<StoreOperations>): Promise<void> {
  try {
    if (worker.stats().pid !== undefined) await worker.call('close', undefined);
  } finally {
    await worker.stop();
  }
}
