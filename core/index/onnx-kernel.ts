/**
 * The kernel on onnxruntime. The only file here that imports it; loaded in the training process alone.
 * Knows graphs and tiles; nothing about centroids, lists or files.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { throwIfAborted } from '../errors.ts';
import type { Kernel } from './kernel.ts';
import { nearestGraph } from './onnx-graph.ts';

/** Products held at once; keeps one run near 200 ms, since it cannot be interrupted. */
const TILE_PRODUCTS = 16 * 2 ** 20;
const TILE_POINTS = 4096;

/** @param threads processor threads that one run may use */
export async function openOnnxKernel(threads: number): Promise<Kernel> {
  const session = await InferenceSession.create(nearestGraph(), {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Waiting threads sleep: as fast, and a quarter less processor time taken from the reading of vectors.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return {
    async nearest(points, rows, { dimensions, k, signal }) {
      const count = points.length / dimensions;
      const tile = Math.max(1, Math.min(TILE_POINTS, Math.floor((TILE_PRODUCTS * dimensions) / rows.length)));
      const found = { rows: new Int32Array(count * k), scores: new Float32Array(count * k) };
      const fixed = {
        rows: new Tensor('float32', rows, [rows.length / dimensions, dimensions]),
        k: new Tensor('int64', [BigInt(k)], [1]),
      };
      for (let first = 0; first < count; first += tile) {
        throwIfAborted(signal);
        const part = points.subarray(first * dimensions, Math.min(first + tile, count) * dimensions);
        const feed = {
          points: new Tensor('float32', part, [part.length / dimensions, dimensions]),
          ...fixed,
        };
        const { indices, scores } = await session.run(feed);
        found.rows.set(indices?.data as Int32Array, first * k);
        found.scores.set(scores?.data as Float32Array, first * k);
        indices?.dispose();
        scores?.dispose();
        await breathe(); // lets a cancel message in
      }
      return found;
    },
  };
}
