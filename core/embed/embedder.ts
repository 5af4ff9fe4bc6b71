/**
 * The contract of an embedder: texts to unit vectors. Knows nothing about where texts come from or vectors go.
 */
import type { ModelFingerprint } from '../types.ts';

export type TextKind = 'query' | 'passage';

export interface Embedder {
  readonly model: ModelFingerprint;
  /**
   * Vectors of unit length, row-major `texts.length x model.dimensions`, in the order of `texts`.
   * The same text gives the same vector whatever else is in the call.
   */
  embed(
    texts: string[],
    kind: TextKind,
    options?: {
      signal?: AbortSignal | undefined;
      /** Called with the number of texts done so far. */
      onDone?: ((texts: number) => void) | undefined;
    },
  ): Promise<Float32Array>;
  close(): Promise<void>;
}
