/**
 * The contract of a stream of vectors in row order. Knows rows and dimensions; nothing about files, chunks or what the
 * numbers mean.
 */

export interface VectorBlock {
  firstRow: number;
  /** Row-major, `vectors.length / dimensions` rows. */
  vectors: Float32Array;
}

export interface VectorSource {
  readonly rows: number;
  readonly dimensions: number;
  /** Rows from..to-1 in order, in blocks of any size; the same blocks whenever the same range is read. */
  read(from: number, to: number): AsyncIterable<VectorBlock>;
}
