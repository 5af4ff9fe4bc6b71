/**
 * The contract of the arithmetic that training, assigning, coding and exact search share. Knows matrices; no index, no file.
 * Two small operations, so that the same code can run on any device that multiplies matrices.
 */

/** Where a kernel computes: the processor, any vendor's graphics card, or NVIDIA's. */
export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const;
export type Device = (typeof DEVICES)[number];

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

export interface Codes {
  /** `points x subspaces`, one byte each: the nearest centroid of the sub-vector. */
  codes: Uint8Array;
  /** Sum of the squared reconstruction errors of the points. */
  error: number;
}

export interface EncodeOptions {
  dimensions: number;
  /** Parts that a point is cut into, each with 256 centroids of its own; divides `dimensions`. */
  subspaces: number;
  signal?: AbortSignal | undefined;
}

export interface Kernel {
  readonly device: Device;
  /**
   * For each point the `k` rows with the largest inner product.
   * @param points row-major, any number of points; the scores need bounded memory whatever their number
   * @param rows row-major; cheap to pass again when it is the same array as in the last call
   */
  nearest(points: Float32Array, rows: Float32Array, options: NearestOptions): Promise<Matches>;
  /**
   * For each sub-vector of each point the nearest centroid by squared distance; of equal ones the lower number.
   * @param codebooks `subspaces x 256 x dimensions / subspaces`, row-major, FAISS's own order
   */
  encode(points: Float32Array, codebooks: Float32Array, options: EncodeOptions): Promise<Codes>;
  close(): Promise<void>;
}
