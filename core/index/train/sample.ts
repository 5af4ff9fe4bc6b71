/**
 * The vectors that an index is trained on, copied to a raw file that a resumed build reuses.
 * Knows rows and one file; nothing about training.
 */
import { open, stat } from 'node:fs/promises';
import { makeWhole, temporary } from '../../runtime/whole-file.ts';
import { bytesOf } from '../format/faiss-format.ts';
import { allVectors, type RawVectorFile } from '../vector-sources.ts';
import type { VectorSource } from '../vectors.ts';
import { chooser, seededRandom } from './random.ts';

/** Copies `points` vectors, chosen at random, to `path`, or takes what an earlier run copied there. */
export async function writeSample(
  vectors: VectorSource,
  points: number,
  seed: number,
  path: string,
  signal?: AbortSignal,
): Promise<RawVectorFile> {
  const { rows, dimensions } = vectors;
  const sample = { path, rows: points, dimensions };
  const kept = await stat(path).catch(() => undefined);
  if (kept?.size === points * dimensions * 4) return sample;
  const take = chooser(rows, points, seededRandom(seed));
  const file = await open(temporary(path), 'w');
  try {
    for await (const block of allVectors(vectors, signal)) {
      const chosen = new Float32Array(block.vectors.length);
      let filled = 0;
      for (let at = 0; at < chosen.length; at += dimensions)
        if (take()) {
          chosen.set(block.vectors.subarray(at, at + dimensions), filled);
          filled += dimensions;
        }
      await file.writeFile(bytesOf(chosen.subarray(0, filled)));
    }
  } finally {
    await file.close();
  }
  await makeWhole(path);
  return sample;
}
