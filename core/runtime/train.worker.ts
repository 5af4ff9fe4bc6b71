/**
 * The training process: matrix products and k-means. Loads onnxruntime; keeps the matrix of the last call.
 */
import { CoreError } from '../errors.ts';
import type { Kernel } from '../index/kernel.ts';
import { kmeans } from '../index/kmeans.ts';
import { openOnnxKernel } from '../index/onnx-kernel.ts';
import { rawFileVectors } from '../index/raw-vectors.ts';
import type { HeldRows, TrainOperations } from '../index/trainer.ts';
import { serve } from './serve.ts';

let opened: Kernel | undefined;
let held: HeldRows | undefined;

function kernel(): Kernel {
  if (opened === undefined) throw new CoreError('internal', 'The training process was not opened.');
  return opened;
}

serve<TrainOperations>({
  async open(given) {
    opened = await openOnnxKernel(given.threads);
    held = given.held;
  },
  async nearest({ points, held: named, dimensions, k }, { signal }) {
    if (typeof named !== 'number') held = named;
    else if (held?.number !== named)
      throw new CoreError('internal', 'The training process holds another matrix.', { retryable: true });
    const { rows } = held as HeldRows;
    return kernel().nearest(points, rows, { dimensions, k, signal });
  },
  async train({ sample, options }, { signal, emit }) {
    const run = kmeans(rawFileVectors(sample), options, kernel(), signal);
    for (;;) {
      const step = await run.next();
      if (step.done) return step.value;
      emit(step.value);
    }
  },
});
