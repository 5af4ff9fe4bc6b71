/**
 * Distributes the coding of many points over threads. Knows blocks and threads; each thread does the arithmetic.
 * Only WebAssembly runs there: native modules stay out of threads.
 */
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { throwIfAborted } from '../../errors.ts';
import { startThread } from '../../runtime/thread.ts';
import type { Codes, EncodeOptions } from './kernel.ts';

/** What a thread is given; arrays over shared memory are not copied. */
export interface BlockToCode {
  points: Float32Array;
  codebooks: Float32Array;
  dimensions: number;
  subspaces: number;
}

export interface CodeThreads {
  encode(points: Float32Array, codebooks: Float32Array, options: EncodeOptions): Promise<Codes>;
  close(): Promise<void>;
}

/** Points per block; errors are summed in the order of blocks, so that the sum does not depend on the threads. */
const BLOCK = 1024;

/** Starts at most `threads` threads, each when there is work for it. */
export function openCodeThreads(threads: number): CodeThreads {
  const workers: Worker[] = [];
  const most = Math.min(threads, availableParallelism());
  let last: Promise<unknown> = Promise.resolve();
  // Reused in every call: a thread keeps shared memory for long, since it rarely collects garbage.
  let place = new Float32Array(new SharedArrayBuffer(0));
  const inPlace = (points: Float32Array): Float32Array => {
    if (points.buffer instanceof SharedArrayBuffer) return points;
    if (place.length < points.length) place = new Float32Array(new SharedArrayBuffer(points.byteLength));
    place.set(points);
    return place.subarray(0, points.length);
  };
  let given: Float32Array | undefined;
  let givenBooks: Float32Array = place;
  const books = (codebooks: Float32Array) => {
    if (given !== codebooks) givenBooks = share(codebooks);
    given = codebooks;
    return givenBooks;
  };

  const encode: CodeThreads['encode'] = async (points, codebooks, { dimensions, subspaces, signal }) => {
    const count = points.length / dimensions;
    const codes = new Uint8Array(count * subspaces);
    const errors = new Float64Array(Math.ceil(count / BLOCK));
    const [shared, sharedBooks] = [inPlace(points), books(codebooks)];
    let next = 0;
    const work = async (worker: Worker) => {
      for (;;) {
        throwIfAborted(signal);
        const block = next++;
        const first = block * BLOCK;
        if (first >= count) return;
        const part = shared.subarray(first * dimensions, Math.min(first + BLOCK, count) * dimensions);
        const found = await ask(worker, { points: part, codebooks: sharedBooks, dimensions, subspaces });
        codes.set(found.codes, first * subspaces);
        errors[block] = found.error;
      }
    };
    const wanted = Math.min(most, errors.length);
    while (workers.length < wanted) workers.push(startThread(import.meta.url, '../../runtime/code'));
    const done = await Promise.allSettled(workers.slice(0, wanted).map(work));
    for (const result of done) if (result.status === 'rejected') throw result.reason;
    return { codes, error: errors.reduce((sum, error) => sum + error, 0) };
  };

  return {
    encode(...call) {
      const coding = last.then(() => encode(...call)); // one call after another: a thread codes one block at a time
      last = coding.catch(() => undefined);
      return coding;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function ask(worker: Worker, block: BlockToCode): Promise<Codes> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      worker.off('message', done);
      worker.off('error', failed);
    };
    const done = (codes: Codes) => {
      settle();
      resolve(codes);
    };
    const failed = (error: unknown) => {
      settle();
      reject(error);
    };
    worker.on('message', done);
    worker.on('error', failed);
    worker.postMessage(block);
  });
}

/** The same numbers in memory that threads share; copied if they are not there yet. */
export function share(numbers: Float32Array): Float32Array {
  if (numbers.buffer instanceof SharedArrayBuffer) return numbers;
  const shared = new Float32Array(new SharedArrayBuffer(numbers.byteLength));
  shared.set(numbers);
  return shared;
}
