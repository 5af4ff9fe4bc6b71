/**
 * Vectors in a raw file: row-major float32 numbers and nothing else. Knows no index.
 */
import { open } from 'node:fs/promises';
import { CoreError } from '../errors.ts';
import type { VectorSource } from './vectors.ts';

export interface RawVectorFile {
  path: string;
  rows: number;
  dimensions: number;
  /** Where its first row lies; 0 when absent. */
  firstRow?: number;
}

const BLOCK_ROWS = 4096;

/** The rows of a raw file, in blocks of 4096. Throws `CoreError('bad-input')` where the file ends too soon. */
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
