/**
 * Where vectors come from: an array in memory, or a raw file of row-major float32 numbers; and how a source is read from
 * end to end. Knows no index.
 */
import { open } from 'node:fs/promises';
import { CoreError, throwIfAborted } from '../errors.ts';
import type { VectorBlock, VectorSource } from './vectors.ts';

/** The rows of a row-major array, in blocks of `blockRows`. */
export function arrayVectors(vectors: Float32Array, dimensions: number, blockRows: number): VectorSource {
  return {
    rows: vectors.length / dimensions,
    dimensions,
    async *read(from, to) {
      for (let firstRow = from; firstRow < to; firstRow += blockRows) {
        const end = Math.min(firstRow + blockRows, to);
        yield { firstRow, vectors: vectors.subarray(firstRow * dimensions, end * dimensions) };
      }
    },
  };
}

export interface RawVectorFile {
  path: string;
  rows: number;
  dimensions: number;
  /** The row of the file that is its first; 0 when absent. */
  firstRow?: number;
}

const BLOCK_ROWS = 4096;

/** The rows of a raw file, in blocks of 4096. Throws `CoreError('bad-input')` if the file ends too soon. */
export function rawFileVectors({
  path,
  rows,
  dimensions,
  firstRow: before = 0,
}: RawVectorFile): VectorSource {
  return {
    rows,
    dimensions,
    async *read(from, to) {
      const file = await open(path);
      try {
        for (let firstRow = from; firstRow < to; firstRow += BLOCK_ROWS) {
          const bytes = new Uint8Array(Math.min(BLOCK_ROWS, to - firstRow) * dimensions * 4);
          const { bytesRead } = await file.read(bytes, 0, bytes.length, (before + firstRow) * dimensions * 4);
          if (bytesRead < bytes.length)
            throw new CoreError('bad-input', `${path} ends before row ${to}, expected ${rows} rows.`);
          yield { firstRow, vectors: new Float32Array(bytes.buffer) };
        }
      } finally {
        await file.close();
      }
    },
  };
}

/**
 * Every block of a source; throws the signal's reason between blocks, `CoreError('bad-input')` where rows are missing.
 */
export async function* allVectors(source: VectorSource, signal?: AbortSignal): AsyncGenerator<VectorBlock> {
  let expected = 0;
  for await (const block of source.read(0, source.rows)) {
    throwIfAborted(signal);
    if (block.firstRow !== expected || block.vectors.length % source.dimensions !== 0)
      throw new CoreError('bad-input', `The vectors have a gap: row ${expected} should follow.`);
    expected += block.vectors.length / source.dimensions;
    yield block;
  }
  if (expected !== source.rows)
    throw new CoreError('bad-input', `There are ${expected} vectors where ${source.rows} were expected.`, {
      hint: 'Run the same build again to embed the missing chunks.',
    });
}

/** Consecutive blocks, joined until each has at least `rows` rows; the last one may have fewer. */
export async function* joined(blocks: AsyncIterable<VectorBlock>, rows: number, dimensions: number) {
  let held: VectorBlock[] = [];
  let length = 0;
  const whole = (): VectorBlock => {
    const [first] = held as [VectorBlock];
    if (held.length === 1) return first;
    const vectors = new Float32Array(length);
    let filled = 0;
    for (const block of held) {
      vectors.set(block.vectors, filled);
      filled += block.vectors.length;
    }
    return { firstRow: first.firstRow, vectors };
  };
  for await (const block of blocks) {
    held.push(block);
    length += block.vectors.length;
    if (length < rows * dimensions) continue;
    yield whole();
    [held, length] = [[], 0];
  }
  if (held.length > 0) yield whole();
}
