/**
 * Knows which installed weights belong to a build and its questions, and refuses any other.
 * Knows nothing about how weights are fetched or run.
 */
import type { Settings } from '../config.ts';
import { CoreError } from '../errors.ts';
import type { Hub } from '../hub/hub.ts';
import { resultOf } from '../runtime/events.ts';
import type { ModelFingerprint } from '../types.ts';
import { EMBEDDINGS, RERANKERS } from './catalog.ts';
import { chooseEmbedding, chooseGenerator } from './choose.ts';
import { findInstalled, findWhole, openEmbeddingFolder } from './installed.ts';
import { madeWeights } from './made-weights.ts';
import type { InstalledModel, ModelEntry, PullEvent } from './model.ts';

/** Where models are fetched from and put, by the settings. */
export function pullFrom({ data, hfEndpoint, hfToken }: Settings): { data: string; hub: Hub } {
  return { data, hub: { endpoint: hfEndpoint, ...(hfToken !== undefined && { token: hfToken }) } };
}

/** The number type of a model's weights in new builds. */
export function dtypeWanted({ embedding }: ModelEntry, { dtype }: Settings): ModelFingerprint['dtype'] {
  return dtype === 'auto' ? (embedding?.dtype ?? 'fp32') : dtype;
}

/** The weights of an installed model for new builds: as they came, or converted from those. */
export async function* weightsWanted(
  model: InstalledModel,
  settings: Settings,
  signal?: AbortSignal,
): AsyncGenerator<PullEvent, InstalledModel> {
  const dtype = dtypeWanted(model.entry, settings);
  if (dtype === 'fp32') return model;
  return yield* madeWeights(model, dtype, { threads: settings.threads, signal });
}

/**
 * The installed weights that `wanted` names; if a build had converted weights that are gone, they are converted again.
 * `folder` is where a model of the user's own was when the build was made.
 * Throws `model-mismatch` if the settings or the disk offer other weights, `model-missing` if there are none.
 */
export async function installedEmbedding(
  settings: Settings,
  wanted: ModelFingerprint,
  folder?: string,
  signal?: AbortSignal,
): Promise<InstalledModel> {
  const installed = await find(settings, wanted, folder);
  const found =
    installed && wanted.dtype !== 'fp32'
      ? await resultOf(madeWeights(installed, wanted.dtype, { threads: settings.threads, signal }))
      : installed;
  if (found === undefined)
    throw new CoreError('model-missing', `The embedding model ${wanted.name} is not on this machine.`, {
      hint: `Get it with: footnote models pull ${wanted.name}`,
    });
  if (found.checksum === wanted.checksum) return found;
  throw new CoreError(
    'model-mismatch',
    `This build was made with ${wanted.name} (${wanted.checksum.slice(0, 12)}), not with ${found.entry.name} (${found.checksum.slice(0, 12)}): their vectors cannot be compared.`,
    { hint: `Ask without --model, or build again with --model ${settings.model ?? found.entry.name}.` },
  );
}

async function find(
  settings: Settings,
  wanted: ModelFingerprint,
  folder?: string,
): Promise<InstalledModel | undefined> {
  if (settings.model !== undefined && settings.model !== wanted.name) {
    const [first] = await chooseEmbedding(settings);
    if (first?.kind === 'installed') return first.model;
    throw new CoreError(
      'model-mismatch',
      `This build was made with ${wanted.name}, not with ${settings.model}.`,
      {
        hint: `Ask without --model, or build again with --model ${settings.model}.`,
      },
    );
  }
  const entry = EMBEDDINGS.find(({ name }) => name === wanted.name);
  if (entry !== undefined) return findInstalled(settings.data, entry);
  return folder === undefined ? undefined : openEmbeddingFolder(folder);
}

/**
 * The installed language model that the settings ask for; undefined for `none`.
 * Throws `model-missing` if it has not been pulled yet.
 */
export async function installedGenerator(settings: Settings): Promise<InstalledModel | undefined> {
  const candidates = await chooseGenerator(settings);
  const [first] = candidates;
  if (first === undefined) return undefined;
  if (first.kind === 'installed') return first.model;
  throw new CoreError('model-missing', `The language model ${first.entry.name} is not on this machine.`, {
    hint: `Get it with: footnote models pull ${first.entry.name}`,
  });
}

/**
 * The first installed reranking model.
 * @param languages BCP 47 tags of the texts; empty where unknown
 * Throws `model-missing` where there is none, or none that reads one of the languages.
 */
export async function installedReranker(settings: Settings, languages: string[]): Promise<InstalledModel> {
  if (languages.length > 0 && !languages.some((tag) => /^en\b/i.test(tag)))
    throw new CoreError('model-missing', 'The reranking models were made for English.');
  for (const entry of RERANKERS) {
    const model = await findWhole(settings.data, entry);
    if (model !== undefined) return model;
  }
  throw new CoreError('model-missing', 'There is no reranking model on this machine.', {
    hint: 'Get it with: footnote models pull',
  });
}
