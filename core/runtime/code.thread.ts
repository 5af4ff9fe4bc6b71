/**
 * A thread of the training process: codes blocks of points, one after another. Loads no native module.
 */
import { parentPort } from 'node:worker_threads';
import type { BlockToCode } from '../index/train/code-threads.ts';
import { type Encoder, openEncoder } from '../index/train/wasm-codes.ts';

let encoder: Encoder | undefined;
let shape = '';

parentPort?.on('message', ({ points, codebooks, dimensions, subspaces }: BlockToCode) => {
  if (encoder === undefined || shape !== `${dimensions}/${subspaces}`) {
    encoder = openEncoder(dimensions, subspaces);
    shape = `${dimensions}/${subspaces}`;
  }
  encoder.use(codebooks);
  const codes = new Uint8Array((points.length / dimensions) * subspaces);
  const error = encoder.encode(points, codes);
  parentPort?.postMessage({ codes, error }, [codes.buffer]);
});
