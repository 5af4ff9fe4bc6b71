/**
 * The process that holds an embedding model: tokenises, and runs batches that the host cut; or converts an fp32 model.
 */
import type { TokenBatch } from '../embed/batch.ts';
import {
  type LoadedModel,
  type LoadRequest,
  loadModel,
  outputsOf,
  specialTokens,
} from '../embed/transformers.ts';
import { CoreError, throwIfAborted } from '../errors.ts';
import { type ConvertRequest, convert } from '../models/convert.ts';
import type { FileRecord } from '../types.ts';
import { serve } from './serve.ts';

export interface EmbedOperations {
  load: { in: LoadRequest; out: null };
  /** Needs no loaded model. */
  convert: { in: ConvertRequest; out: FileRecord };
  tokenize: { in: string[]; out: TokenBatch };
  /** Several runs in one call: unit vectors of all rows, in order. */
  run: { in: TokenBatch[]; out: Float32Array[] };
}

let loaded: LoadedModel | undefined;

function model(): LoadedModel {
  if (loaded === undefined) throw new CoreError('internal', 'The embedding process has no model yet.');
  return loaded;
}

serve<EmbedOperations>({
  async load(request) {
    loaded = await loadModel(request);
    return null;
  },
  convert(request) {
    const place = (weights: string) => ({ ...request, weights, device: 'cpu' as const, wideSums: true });
    return convert(request, {
      special: () => specialTokens(request),
      outputs: (weights, rows) => outputsOf(place(weights), rows),
      async vectors(weights, rows) {
        const network = await loadModel(place(weights));
        const batch = {
          ids: Int32Array.from(rows.flat()),
          lengths: Int32Array.from(rows, ({ length }) => length),
        };
        return network.run(batch);
      },
    });
  },
  tokenize: async (texts) => model().tokenize(texts),
  async run(batches, { signal }) {
    const vectors: Float32Array[] = [];
    for (const batch of batches) {
      throwIfAborted(signal);
      vectors.push(await model().run(batch));
    }
    return vectors;
  },
});
