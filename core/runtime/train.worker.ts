/**
 * The training process: matrix products, k-means, codebooks, codes. Loads onnxruntime; keeps the last call's quantizer.
 */
import { CoreError } from '../errors.ts';
import { fileCheckpoint } from '../index/train/checkpoint.ts';
import { residualsOf, sampleResiduals, trainCodebooks } from '../index/train/codebooks.ts';
import { openKernel } from '../index/train/devices.ts';
import { grouped } from '../index/train/grouped.ts';
import type { Kernel } from '../index/train/kernel.ts';
import { kmeans } from '../index/train/kmeans.ts';
import { openOnnxKernel } from '../index/train/onnx-kernel.ts';
import type { Held, TrainOperations } from '../index/train/trainer.ts';
import { TWO_LEVELS_FROM, twoLevelKmeans } from '../index/train/two-level.ts';
import { rawFileVectors } from '../index/vector-sources.ts';
import { resultOf } from './events.ts';
import { serve } from './serve.ts';

let opened: Kernel | undefined;
/** The same for training and coding: faster with very many lists, and exact for almost all points. */
let coding: Kernel | undefined;
let held: Held | undefined;

function there(kernel: Kernel | undefined): Kernel {
  if (kernel === undefined) throw new CoreError('internal', 'The training process was not opened.');
  return kernel;
}

function hold(named: Held | number): Held {
  if (typeof named !== 'number') held = named;
  else if (held?.number !== named)
    throw new CoreError('internal', 'The training process holds another matrix.', { retryable: true });
  return held as Held;
}

serve<TrainOperations>({
  async open(given) {
    opened = await openKernel(given.device, given.threads, openOnnxKernel);
    coding = grouped(opened);
    held = given.held;
    return opened.device;
  },
  async nearest({ points, held: named, dimensions, k }, { signal }) {
    return there(opened).nearest(points, hold(named).centroids, { dimensions, k, signal });
  },
  async train({ sample, options, checkpoint }, { signal, emit }) {
    if (options.k >= TWO_LEVELS_FROM)
      return resultOf(twoLevelKmeans(sample, options, there(coding), { checkpoint, signal }), emit);
    const run = { checkpoint: fileCheckpoint(checkpoint), signal };
    return resultOf(kmeans(rawFileVectors(sample), options, there(coding), run), emit);
  },
  async codebooks({ sample, centroids, subspaces, seed, checkpoint }, { signal, emit }) {
    const { dimensions } = sample;
    const source = rawFileVectors(sample);
    const residuals = await sampleResiduals(source, centroids, seed, there(coding), signal);
    const options = { dimensions, subspaces, seed, checkpoint: fileCheckpoint(checkpoint), signal };
    return resultOf(trainCodebooks(residuals, options, there(coding)), emit);
  },
  async code({ points, held: named, dimensions }, { signal }) {
    const { centroids, codebooks, subspaces } = hold(named);
    const { rows } = await there(coding).nearest(points, centroids, { dimensions, k: 1, signal });
    const lists = Uint32Array.from(rows);
    if (codebooks === undefined || subspaces === undefined)
      return { lists, codes: new Uint8Array(), error: 0 };
    const residuals = residualsOf(points, rows, centroids, dimensions);
    return {
      lists,
      ...(await there(coding).encode(residuals, codebooks, { dimensions, subspaces, signal })),
    };
  },
});
