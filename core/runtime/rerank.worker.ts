/**
 * The process that holds a cross-encoder and scores pairs of a question and a passage.
 */
import { type LoadedCrossEncoder, loadCrossEncoder, type ModelPlace } from '../embed/transformers.ts';
import { CoreError } from '../errors.ts';
import { type PairRequest, scorePairs } from '../rerank/score-pairs.ts';
import { serve } from './serve.ts';

export interface RerankOperations {
  load: { in: ModelPlace; out: null };
  score: { in: PairRequest; out: Float32Array };
}

let loaded: LoadedCrossEncoder | undefined;

serve<RerankOperations>({
  async load(place) {
    loaded = await loadCrossEncoder(place);
    return null;
  },
  async score(request, { signal }) {
    if (loaded === undefined) throw new CoreError('internal', 'The reranking process has no model yet.');
    return scorePairs(loaded, request, signal);
  },
});
