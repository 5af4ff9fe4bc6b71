/**
 * The kernel on onnxruntime, on any device that it offers. The only file here that imports it; loaded in the training
 * process alone. Knows graphs and tiles; nothing about centroids, lists or files.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { CoreError, throwIfAborted } from '../../errors.ts';
import { CENTROIDS } from './codebooks.ts';
import type { OnnxKernel } from './devices.ts';
import type { Codes, Device, EncodeOptions, NearestOptions } from './kernel.ts';
import { assignGraph, encodeGraph, nearestGraph } from './onnx-graph.ts';

/** Products held at once; keeps one run near 200 ms on a processor, since it cannot be interrupted. */
const TILE_PRODUCTS = 16 * 2 ** 20;
const TILE_POINTS = 4096;

/**
 * On the processor it has no `encode`: codes are found elsewhere there (`devices.ts`).
 * Throws `CoreError('native')` if the device is not available: nothing falls back to the processor by itself.
 * @param threads processor threads that one run may use
 */
export async function openOnnxKernel(device: Device, threads: number): Promise<OnnxKernel> {
  const open = (graph: Uint8Array) =>
    InferenceSession.create(graph, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      extra: {
        session: {
          // Waiting threads sleep: that is as fast, and takes a quarter less processor time away from reading vectors.
          intra_op: { allow_spinning: '0' },
          ...(device !== 'cpu' && { disable_cpu_ep_fallback: '1' }),
        },
      },
    }).catch((cause) => {
      throw new CoreError('native', `onnxruntime cannot use ${device} here.`, {
        cause,
        hint: 'Choose --device cpu or --device auto; `footnote doctor` shows what there is.',
      });
    });
  const nearest = await open(nearestGraph());
  const [assign, encode] = device === 'cpu' ? [] : [await open(assignGraph()), await open(encodeGraph())];
  return {
    device,
    nearest: (points, rows, options) =>
      nearestOf(options.k === 1 && assign !== undefined ? assign : nearest, points, rows, options),
    ...(encode && { encode: (points, codebooks, options) => encodeOf(encode, points, codebooks, options) }),
    async close() {
      await Promise.all([nearest.release(), assign?.release(), encode?.release()]);
    },
  };
}

async function nearestOf(
  session: InferenceSession,
  points: Float32Array,
  rows: Float32Array,
  { dimensions, k, signal }: NearestOptions,
) {
  const count = points.length / dimensions;
  const tile = Math.max(1, Math.min(TILE_POINTS, Math.floor((TILE_PRODUCTS * dimensions) / rows.length)));
  const found = { rows: new Int32Array(count * k), scores: new Float32Array(count * k) };
  const fixed = {
    rows: new Tensor('float32', rows, [rows.length / dimensions, dimensions]),
    ...(session.inputNames.includes('k') && { k: new Tensor('int64', [BigInt(k)], [1]) }),
  };
  for (let first = 0; first < count; first += tile) {
    throwIfAborted(signal);
    const part = points.slice(first * dimensions, Math.min(first + tile, count) * dimensions);
    const feed = { points: new Tensor('float32', part, [part.length / dimensions, dimensions]), ...fixed };
    const { indices, scores } = await session.run(feed);
    found.rows.set(numbersOf(indices), first * k);
    found.scores.set(scores?.data as Float32Array, first * k);
    indices?.dispose();
    scores?.dispose();
    await breathe(); // lets a cancel message in
  }
  return found;
}

async function encodeOf(
  session: InferenceSession,
  points: Float32Array,
  codebooks: Float32Array,
  { dimensions, subspaces, signal }: EncodeOptions,
): Promise<Codes> {
  const count = points.length / dimensions;
  const width = dimensions / subspaces;
  const codes = new Uint8Array(count * subspaces);
  const fixed = {
    codebooks: new Tensor('float32', codebooks, [subspaces, CENTROIDS, width]),
    halves: new Tensor('float32', halfSquares(codebooks, width), [subspaces, 1, CENTROIDS]),
  };
  const tile = Math.max(1, Math.floor(TILE_PRODUCTS / (subspaces * CENTROIDS)));
  let error = 0;
  for (let first = 0; first < count; first += tile) {
    throwIfAborted(signal);
    const part = points.slice(first * dimensions, Math.min(first + tile, count) * dimensions);
    const here = part.length / dimensions;
    const feed = { points: new Tensor('float32', part, [here, subspaces, width]), ...fixed };
    const { indices, scores } = await session.run(feed); // each subspaces x points
    const best = numbersOf(indices);
    for (let m = 0; m < subspaces; m++)
      for (let i = 0; i < here; i++) codes[(first + i) * subspaces + m] = best[m * here + i] ?? 0;
    for (const value of part) error += value * value;
    const nearness = scores?.data as Float32Array;
    for (const score of nearness) error -= 2 * score;
    indices?.dispose();
    scores?.dispose();
    await breathe();
  }
  return { codes, error };
}

/** Row numbers out of TopK's own 64-bit ones: a Cast in the graph would not run on `webgpu`. */
function numbersOf(indices: Tensor | undefined): Int32Array {
  return Int32Array.from(indices?.data as BigInt64Array, Number);
}

/** |c|²/2 of each centroid. */
function halfSquares(codebooks: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: codebooks.length / width }, (_, centroid) => {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += (codebooks[centroid * width + i] ?? 0) ** 2;
    return squares / 2;
  });
}
