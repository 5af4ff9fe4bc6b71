/**
 * The training process seen from outside: a kernel, k-means and codebooks over a file of vectors, and the coding of vectors.
 * Knows messages; the arithmetic is in the process behind them.
 */

import { streamed } from '../../runtime/events.ts';
import { startWorker, workerEntry } from '../../runtime/host.ts';
import type { RawVectorFile } from '../vector-sources.ts';
import type { CheckpointFile } from './checkpoint.ts';
import type { CodebookEvent } from './codebooks.ts';
import type { Device, Matches, NearestOptions } from './kernel.ts';
import type { KmeansEvent, KmeansOptions } from './kmeans.ts';

/** What maps a vector to a list and, if there are codebooks, a code. */
export interface Quantizer {
  /** Row-major `lists x dimensions`. */
  centroids: Float32Array;
  /** Row-major `subspaces x 256 x dimensions / subspaces`; absent where lists hold vectors themselves. */
  codebooks?: Float32Array | undefined;
  subspaces?: number | undefined;
}

/** A quantizer that the process keeps until it is sent another one. */
export interface Held extends Quantizer {
  number: number;
}

/** The list and the code of each vector. */
export interface Coded {
  lists: Uint32Array;
  /** `vectors x subspaces`; empty without codebooks. */
  codes: Uint8Array;
  /** Sum of squared reconstruction errors; 0 without codebooks. */
  error: number;
}

export type DeviceChoice = Device | 'auto';

export interface CodebooksRequest {
  sample: RawVectorFile;
  centroids: Float32Array;
  subspaces: number;
  seed: number;
  checkpoint: CheckpointFile;
}

/** All operations of the training process. */
export interface TrainOperations {
  /** First call in a fresh process; gives the device that was chosen. */
  open: { in: { threads: number; device: DeviceChoice; held: Held | undefined }; out: Device };
  nearest: {
    /** `held` is a quantizer to keep, or the number of the one that is kept; its centroids are the rows. */
    in: { points: Float32Array; held: Held | number; dimensions: number; k: number };
    out: Matches;
  };
  train: {
    in: { sample: RawVectorFile; options: KmeansOptions; checkpoint: CheckpointFile };
    out: Float32Array;
    event: KmeansEvent;
  };
  codebooks: { in: CodebooksRequest; out: Float32Array; event: CodebookEvent };
  code: { in: { points: Float32Array; held: Held | number; dimensions: number }; out: Coded };
}

export interface Trainer {
  /** As `Kernel.nearest`. */
  nearest(points: Float32Array, rows: Float32Array, options: NearestOptions): Promise<Matches>;
  /** Centroids, row-major `k x dimensions`, of unit length; see {@link KmeansOptions}. */
  train(
    sample: RawVectorFile,
    options: KmeansOptions,
    checkpoint: CheckpointFile,
    signal?: AbortSignal,
  ): AsyncGenerator<KmeansEvent, Float32Array>;
  /** Codebooks for the residuals of the sample's vectors. */
  codebooks(request: CodebooksRequest, signal?: AbortSignal): AsyncGenerator<CodebookEvent, Float32Array>;
  /** Lists and codes of `points`; cheap to call again with the same quantizer. */
  code(points: Float32Array, quantizer: Quantizer, dimensions: number, signal?: AbortSignal): Promise<Coded>;
  close(): Promise<void>;
}

export interface TrainerOptions {
  /** Processor threads for the matrix products. */
  threads: number;
  /** `auto` times each available device and takes the fastest; the processor when absent. */
  device?: DeviceChoice | undefined;
}

export function openTrainer({ threads, device = 'cpu' }: TrainerOptions): Trainer {
  let held: Held | undefined;
  let sent = 0;
  let chosen: Device | undefined;
  const worker = startWorker<TrainOperations>({
    name: 'training',
    entry: workerEntry(import.meta.url, '../../runtime/train'),
    restore: async (call) => {
      chosen = await call('open', { threads, device: chosen ?? device, held });
    },
  });

  /** Calls with a quantizer, which is sent only if the process does not hold it yet. */
  const holding = async <T>(quantizer: Quantizer, call: (held: Held | number) => Promise<T>): Promise<T> => {
    const same = held?.centroids === quantizer.centroids && held.codebooks === quantizer.codebooks;
    const named = same && held !== undefined ? held.number : { ...quantizer, number: ++sent };
    if (typeof named !== 'number') held = named;
    try {
      return await call(named);
    } catch (error) {
      held = undefined; // it may never have arrived
      throw error;
    }
  };

  return {
    nearest: (points, rows, { dimensions, k, signal }) =>
      holding({ centroids: rows }, (named) =>
        worker.call('nearest', { points, held: named, dimensions, k }, { signal }),
      ),
    train: (sample, options, checkpoint, signal) =>
      streamed(
        (onEvent, either) =>
          worker.call('train', { sample, options, checkpoint }, { signal: either, onEvent }),
        signal,
      ),
    codebooks: (request, signal) =>
      streamed((onEvent, either) => worker.call('codebooks', request, { signal: either, onEvent }), signal),
    code: (points, quantizer, dimensions, signal) =>
      holding(quantizer, (named) => worker.call('code', { points, held: named, dimensions }, { signal })),
    close: () => worker.stop(),
  };
}
