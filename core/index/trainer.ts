/**
 * The training process seen from outside: a kernel, and k-means over a file of vectors.
 * Knows messages; the arithmetic is in the process behind them.
 */
import { EventEmitter, on } from 'node:events';
import { startWorker, workerEntry } from '../runtime/host.ts';
import type { Kernel, Matches, NearestOptions } from './kernel.ts';
import type { KmeansEvent, KmeansOptions } from './kmeans.ts';
import type { RawVectorFile } from './raw-vectors.ts';

/** A matrix that the process keeps until it is sent another one. */
export interface HeldRows {
  number: number;
  rows: Float32Array;
}

/** The closed set of what the training process does. */
export interface TrainOperations {
  /** First call in a fresh process. */
  open: { in: { threads: number; held: HeldRows | undefined }; out: undefined };
  nearest: {
    /** `held` is a matrix to keep, or the number of the one that is kept. */
    in: { points: Float32Array; held: HeldRows | number; dimensions: number; k: number };
    out: Matches;
  };
  train: { in: { sample: RawVectorFile; options: KmeansOptions }; out: Float32Array; event: KmeansEvent };
}

export interface Trainer extends Kernel {
  /** Centroids, row-major `k x dimensions`, of unit length; see {@link KmeansOptions}. */
  train(
    sample: RawVectorFile,
    options: KmeansOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<KmeansEvent, Float32Array>;
  close(): Promise<void>;
}

/** @param options.threads processor threads for the matrix products */
export function openTrainer({ threads }: { threads: number }): Trainer {
  let held: HeldRows | undefined;
  let sent = 0;
  const worker = startWorker<TrainOperations>({
    name: 'training',
    entry: workerEntry(import.meta.url, '../runtime/train'),
    restore: (call) => call('open', { threads, held }),
  });
  return {
    async nearest(points: Float32Array, rows: Float32Array, { dimensions, k, signal }: NearestOptions) {
      const known = held?.rows === rows ? held.number : undefined;
      const named = known ?? { number: ++sent, rows };
      if (typeof named !== 'number') held = named;
      try {
        return await worker.call('nearest', { points, held: named, dimensions, k }, { signal });
      } catch (error) {
        held = undefined; // it may never have arrived
        throw error;
      }
    },
    async *train(sample, options, signal) {
      const events = new EventEmitter();
      const done = worker
        .call('train', { sample, options }, { signal, onEvent: (event) => events.emit('progress', event) })
        .finally(() => events.emit('end'));
      done.catch(() => undefined); // it is awaited below, after the events
      for await (const [event] of on(events, 'progress', { close: ['end'] })) yield event as KmeansEvent;
      return await done;
    },
    close: () => worker.stop(),
  };
}
