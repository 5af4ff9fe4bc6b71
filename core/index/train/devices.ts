/**
 * Which device a kernel computes on. Knows how devices are compared; the arithmetic is in the kernels.
 */
import { openCodeThreads } from './code-threads.ts';
import { DEVICES, type Device, type Kernel } from './kernel.ts';
import { seededRandom } from './random.ts';

/** A kernel on onnxruntime, which on the processor has no `encode`. */
export type OnnxKernel = Omit<Kernel, 'encode'> & Partial<Pick<Kernel, 'encode'>>;

/** Opens onnxruntime on a device; throws if there is no such device. */
export type OpenOnnx = (device: Device, threads: number) => Promise<OnnxKernel>;

/** How long `auto` times each device. */
const TRIAL_MS = 1_000;
const TRIAL = { points: 2048, rows: 1024, dimensions: 384 };

/**
 * The kernel of a device, or of the fastest one if the choice is `auto`: each that opens is timed for a second, unless
 * the processor is the only one. Throws `CoreError('native')` for a named device that is not available.
 */
export async function openKernel(
  choice: Device | 'auto',
  threads: number,
  openOnnx: OpenOnnx,
): Promise<Kernel> {
  if (choice !== 'auto') return openOne(choice, threads, openOnnx);
  const kernels: Kernel[] = [];
  for (const device of DEVICES) {
    const kernel = await openOne(device, threads, openOnnx).catch((error) => {
      if (device === 'cpu') throw error;
      return undefined;
    });
    if (kernel !== undefined) kernels.push(kernel);
  }
  return fastest(kernels);
}

/** On the processor WebAssembly finds codes: onnxruntime writes products to memory, which takes ten times as long. */
async function openOne(device: Device, threads: number, openOnnx: OpenOnnx): Promise<Kernel> {
  const onnx = await openOnnx(device, threads);
  const { encode } = onnx;
  if (encode !== undefined) return { ...onnx, encode };
  const coding = openCodeThreads(threads);
  return {
    device,
    nearest: onnx.nearest,
    encode: coding.encode,
    async close() {
      await Promise.all([onnx.close(), coding.close()]);
    },
  };
}

async function fastest(kernels: Kernel[]): Promise<Kernel> {
  const [first] = kernels as [Kernel];
  let best = { kernel: first, rounds: kernels.length === 1 ? 1 : 0 };
  for (const kernel of kernels.length === 1 ? [] : kernels) {
    const rounds = await roundsWithin(kernel, TRIAL_MS).catch(() => 0);
    if (rounds > best.rounds) best = { kernel, rounds };
  }
  await Promise.all(kernels.map((kernel) => (kernel === best.kernel ? undefined : kernel.close())));
  return best.kernel;
}

/** Products with a matrix of a thousand centroids that a device finishes in the time, after one to warm it up. */
async function roundsWithin(kernel: Kernel, ms: number): Promise<number> {
  const random = seededRandom(1);
  const { points, rows, dimensions } = TRIAL;
  const matrix = Float32Array.from({ length: rows * dimensions }, () => random() - 0.5);
  const asked = Float32Array.from({ length: points * dimensions }, () => random() - 0.5);
  await kernel.nearest(asked, matrix, { dimensions, k: 1 });
  const started = performance.now();
  let rounds = 0;
  for (; performance.now() - started < ms; rounds++)
    await kernel.nearest(asked, matrix, { dimensions, k: 1 });
  return rounds;
}
