/**
 * The embedder that spreads its work over processes: tokenise, sort by length, cut into batches, let free processes pull them.
 * Knows no native code; that runs behind `core/runtime/embed.worker.ts`.
 */
import { relative } from 'node:path';
import { throwIfAborted } from '../errors.ts';
import { fingerprintOf, type InstalledModel } from '../models/model.ts';
import type { EmbedOperations } from '../runtime/embed.worker.ts';
import { startWorker, type Worker, workerEntry } from '../runtime/host.ts';
import { type Batch, cutBatches, type TokenBatch } from './batch.ts';
import type { Embedder } from './embedder.ts';

/** Fields have the names of those in `Settings`. */
export interface EmbedderOptions {
  model: InstalledModel;
  /** One per thread, at most 8, when absent. */
  embedProcesses?: number | undefined;
  /** Processor threads in all. */
  threads: number;
  /** `auto` is the processor. */
  device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
}

/** Tokens of one run, padding included: few enough to stay in cache (figures: README.md), about 150 ms of a thread. */
const BATCH_TOKENS = 512;
/** Tokens in one call to a process. */
const CALL_TOKENS = 1_024;
/** At most this many processes, since each holds the weights; they share the threads. */
const MOST_PROCESSES = 8;
/** Texts that are sorted together. */
const WINDOW = 1_024;

/**
 * Starts the processes and loads the model into the first; the others load it when there is work for them.
 * Throws `bad-input` for a model that is no embedding model or does not load, `native` for a device that is not there.
 */
export async function openEmbedder(options: EmbedderOptions): Promise<Embedder> {
  const { model, threads, device } = options;
  const fingerprint = fingerprintOf(model);
  const processes = Math.max(1, Math.min(options.embedProcesses ?? MOST_PROCESSES, threads));
  const workers = Array.from({ length: processes }, (_, i) =>
    startWorker<EmbedOperations>({
      name: processes === 1 ? 'embedding' : `embedding ${i + 1}`,
      entry: workerEntry(import.meta.url, '../runtime/embed'),
      restore: async (call) => {
        await call('load', {
          folder: model.folder,
          weights: relative(model.folder, model.weights),
          model: fingerprint,
          threads: Math.max(1, Math.floor(threads / processes)),
          device: device === 'auto' ? 'cpu' : device,
          ...(model.wideSums && { wideSums: true }),
        });
      },
    }),
  );
  const close = async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
  };
  try {
    await tokenize(workers.slice(0, 1), [''], undefined);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    model: fingerprint,
    close,
    async embed(texts, kind, { signal, onDone } = {}) {
      const prefix = kind === 'query' ? fingerprint.queryPrefix : fingerprint.passagePrefix;
      const vectors = new Float32Array(texts.length * fingerprint.dimensions);
      for (let from = 0; from < texts.length; from += WINDOW) {
        const window = texts.slice(from, from + WINDOW).map((text) => prefix + text);
        const tokens = await tokenize(workers, window, signal);
        const calls = groupCalls(cutBatches(tokens, BATCH_TOKENS, fingerprint.dtype !== 'int8'));
        let done = from;
        await pullAll(workers, calls, signal, (batches, results) => {
          for (const [i, { rows }] of batches.entries()) {
            const part = results[i] as Float32Array;
            for (const [at, row] of rows.entries())
              vectors.set(
                part.subarray(at * fingerprint.dimensions, (at + 1) * fingerprint.dimensions),
                (from + row) * fingerprint.dimensions,
              );
            done += rows.length;
          }
          onDone?.(done);
        });
      }
      return vectors;
    },
  };
}

/** Each process tokenises its share. */
async function tokenize(
  workers: Worker<EmbedOperations>[],
  texts: string[],
  signal: AbortSignal | undefined,
): Promise<TokenBatch> {
  const share = Math.ceil(texts.length / workers.length);
  const parts = await Promise.all(
    workers
      .slice(0, Math.ceil(texts.length / share))
      .map((worker, i) =>
        worker.call('tokenize', texts.slice(i * share, (i + 1) * share), { signal, again: true }),
      ),
  );
  return {
    ids: Int32Array.from(parts.flatMap(({ ids }) => [...ids])),
    lengths: Int32Array.from(parts.flatMap(({ lengths }) => [...lengths])),
  };
}

/** Small batches (those of int8 models hold one text) travel together, up to the tokens of one call. */
function groupCalls(batches: Batch[]): Batch[][] {
  const calls: Batch[][] = [];
  let room = 0;
  for (const batch of batches) {
    const tokens = batch.tokens.ids.length;
    if (tokens > room || calls.length === 0) {
      calls.push([]);
      room = CALL_TOKENS;
    }
    (calls.at(-1) as Batch[]).push(batch);
    room -= tokens;
  }
  return calls;
}

/** Free processes pull calls until none is left; the first failure also ends the work of the others. */
async function pullAll(
  workers: Worker<EmbedOperations>[],
  calls: Batch[][],
  signal: AbortSignal | undefined,
  onResult: (batches: Batch[], vectors: Float32Array[]) => void,
): Promise<void> {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const queue = calls.values();
  const pull = async (worker: Worker<EmbedOperations>) => {
    for (const batches of queue) {
      const inputs = batches.map(({ tokens }) => tokens);
      onResult(batches, await worker.call('run', inputs, { signal: either, again: true }));
    }
  };
  const loops = workers.slice(0, calls.length).map((worker) =>
    pull(worker).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  const settled = await Promise.allSettled(loops);
  throwIfAborted(signal);
  for (const { status, ...rest } of settled)
    if (status === 'rejected') throw (rest as PromiseRejectedResult).reason;
}
