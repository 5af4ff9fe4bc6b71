/**
 * Pulls models: one by name, or those that the settings ask for. Knows which; models/pull.ts does the fetching.
 */
import type { Settings } from './config.ts';
import {
  chooseEmbedding,
  chooseGenerator,
  chooseReranker,
  ensureModel,
  entryNamed,
} from './models/choose.ts';
import { pullFrom } from './models/for-build.ts';
import type { InstalledModel, PullEvent } from './models/model.ts';
import { pullTogether } from './models/pull.ts';

/**
 * Pulls a model of the catalogue or hub (`OWNER/REPO/FILE.gguf`); without a name, all models that the settings ask for.
 * Throws `CoreError('usage')` for a name that is no model, `model-missing` if no source has it.
 */
export async function* pullModels(
  settings: Settings,
  name?: string,
  signal?: AbortSignal,
): AsyncGenerator<PullEvent, InstalledModel[]> {
  const request = { ...pullFrom(settings), signal };
  if (name !== undefined) {
    const entry = entryNamed(name);
    const ways = entry.sources.map((source) => ({
      kind: 'pull' as const,
      entry,
      source,
      reason: 'as asked for',
    }));
    return [yield* ensureModel(ways, request)];
  }
  return yield* pullTogether(settings.data, async function* (shelf) {
    const pulled = [yield* ensureModel(await chooseEmbedding(settings), { ...request, shelf })];
    pulled.push(yield* ensureModel(await chooseReranker(settings), { ...request, shelf }));
    const generators = await chooseGenerator(settings);
    if (generators.length > 0) pulled.push(yield* ensureModel(generators, request));
    return pulled;
  });
}
