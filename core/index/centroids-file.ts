/**
 * Trained centroids on disk, so that an interrupted build does not train again: a line of JSON that says what they were
 * trained for and their checksum, then the numbers (float32, row-major). Knows no training.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { bytesOf } from './faiss-format.ts';
import { writeWhole } from './whole-file.ts';

/** What centroids belong to; others are not taken. */
export interface TrainedFor {
  recipe: string;
  rows: number;
  dimensions: number;
  seed: number;
}

/** Keeps centroids, whole or not at all. */
export async function keepCentroids(path: string, made: TrainedFor, centroids: Float32Array): Promise<void> {
  const numbers = bytesOf(centroids);
  await writeWhole(
    path,
    (async function* () {
      yield Buffer.from(`${firstLine(made, numbers)}\n`);
      yield numbers;
    })(),
  );
}

/** The kept centroids; undefined where there are none, or broken ones, or ones trained for something else. */
export async function keptCentroids(path: string, wanted: TrainedFor): Promise<Float32Array | undefined> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const end = content.indexOf('\n');
  const numbers = content.subarray(end + 1);
  if (content.toString('utf8', 0, Math.max(0, end)) !== firstLine(wanted, numbers)) return undefined;
  return new Float32Array(Uint8Array.from(numbers).buffer); // copied: the numbers must lie on a multiple of four
}

function firstLine({ recipe, rows, dimensions, seed }: TrainedFor, numbers: Buffer): string {
  const sha256 = createHash('sha256').update(numbers).digest('hex');
  return JSON.stringify({ recipe, rows, dimensions, seed, sha256 });
}
