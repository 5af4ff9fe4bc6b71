/**
 * Rescores the best of a search over codes with their stored vectors, read from the file in list order, so that
 * neighbours share pages. Holds a few pages, whatever the size of the file. Knows positions and numbers; no ids.
 */

import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { CoreError } from '../../errors.ts';
import { halfTable } from '../../half.ts';
import { SCALARS } from '../format/faiss-format.ts';
import type { VectorsFile } from '../index-folder.ts';

/** Inner products of a query with the vectors at `positions`, in their order. */
export type Rescore = (query: Float32Array, positions: number[]) => Float32Array;

/** Candidates this near each other are read in one call: a call costs as much as copying this many bytes. */
const GAP_BYTES = 8192;
const RUN_BYTES = 2 ** 18;

/** Opens the vectors beside an index of `dimensions`. */
export async function openRescore(
  { path, scalar, codesAt, trainedAt }: VectorsFile,
  dimensions: number,
): Promise<Rescore> {
  const file = await open(path); // stays open as long as the process
  const recordBytes = dimensions * SCALARS[scalar].bytes;
  const run = new Uint8Array(RUN_BYTES + recordBytes);
  const record = scalar === 'SQ8' ? await byteRecords(file, trainedAt, dimensions) : halfRecords(dimensions);

  return (query, positions) => {
    const scores = new Float32Array(positions.length);
    const order = positions.map((_, i) => i).sort((a, b) => at(positions, a) - at(positions, b));
    const score = record(query);
    for (let first = 0; first < order.length; ) {
      const from = at(positions, order[first]) * recordBytes;
      let end = from + recordBytes;
      let next = first + 1;
      for (; next < order.length; next++) {
        const start = at(positions, order[next]) * recordBytes;
        if (start > end + GAP_BYTES || start + recordBytes - from > run.length) break;
        end = start + recordBytes;
      }
      if (readSync(file.fd, run, 0, end - from, codesAt + from) < end - from)
        throw new CoreError('bad-input', `${path} ends before byte ${codesAt + end}.`, {
          hint: 'Check the build with `footnote builds verify NAME`.',
        });
      for (; first < next; first++) {
        const place = order[first] as number;
        scores[place] = score(run, at(positions, place) * recordBytes - from);
      }
    }
    return scores;
  };
}

const at = (positions: number[], i: number | undefined): number => positions[i as number] as number;

/** Takes a query; gives a function that scores the record at an offset of some bytes. */
type RecordScore = (query: Float32Array) => (bytes: Uint8Array, at: number) => number;

/** The sum of query * (least + range * (byte + 0.5) / 255), the part without the byte computed once per query. */
async function byteRecords(
  file: Awaited<ReturnType<typeof open>>,
  trainedAt: number,
  dimensions: number,
): Promise<RecordScore> {
  const trained = new Float32Array(2 * dimensions);
  await file.read(new Uint8Array(trained.buffer), 0, trained.byteLength, trainedAt);
  const weights = new Float32Array(dimensions);
  return (query) => {
    let base = 0;
    for (let i = 0; i < dimensions; i++) {
      const step = (trained[dimensions + i] as number) / 255;
      weights[i] = (query[i] as number) * step;
      base += (query[i] as number) * ((trained[i] as number) + step / 2);
    }
    return (bytes, at) => {
      let sum = 0;
      for (let i = 0; i < dimensions; i++) sum += (weights[i] as number) * (bytes[at + i] as number);
      return base + sum;
    };
  };
}

function halfRecords(dimensions: number): RecordScore {
  const halves = halfTable();
  return (query) => (bytes, at) => {
    let sum = 0;
    for (let i = 0; i < dimensions; i++) {
      const bits = (bytes[at + 2 * i] as number) | ((bytes[at + 2 * i + 1] as number) << 8);
      sum += (query[i] as number) * (halves[bits] as number);
    }
    return sum;
  };
}
