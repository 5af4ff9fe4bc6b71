/**
 * The contract of the arithmetic that training, assigning and exact search share. Knows matrices; no index, no file.
 * One small operation, so that the same code can run on any device that multiplies matrices.
 */
export interface Matches {
  /** Row numbers, `points x k`, best first; of equal scores the lower row first. */
  rows: Int32Array;
  /** Inner products, in the same order. */
  scores: Float32Array;
}

export interface NearestOptions {
  dimensions: number;
  /** Rows to find for each point; 1 assigns points to centroids. At most the number of rows. */
  k: number;
  signal?: AbortSignal | undefined;
}

export interface Kernel {
  /**
   * For each point the `k` rows with the largest inner product.
   * @param points row-major, any number of points; the scores need bounded memory whatever their number
   * @param rows row-major; cheap to pass again when it is the same array as in the last call
   */
  nearest(points: Float32Array, rows: Float32Array, options: NearestOptions): Promise<Matches>;
}
