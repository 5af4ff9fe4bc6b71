/**
 * The process that holds an embedding model: tokenises and runs batches that the host cut.
 */
import type { TokenBatch } from '../embed/batch.ts';
import { type LoadedModel, type LoadRequest, loadModel } from '../embed/transformers.ts';
import { CoreError, throwIfAborted } from '../errors.ts';
import { serve } from './serve.ts';

export interface EmbedOperations {
  load: { in: LoadRequest; out: null };
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
