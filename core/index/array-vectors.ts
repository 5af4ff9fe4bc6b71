/**
 * Vectors that are in memory already, as a source. Knows no file.
 */
import type { VectorSource } from './vectors.ts';

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
