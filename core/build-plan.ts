/**
 * What a build is asked to be, agreed on before anything is read: sources, model, tokenizer, limits.
 * Knows how a begun build is held to what it was begun with; nothing about how stages work.
 */
import { basename, resolve } from 'node:path';
import type { Settings } from './config.ts';
import { openSource } from './corpus/open.ts';
import type { Reader } from './corpus/reader.ts';
import { CoreError } from './errors.ts';
import { readQuestionSet } from './evaluate/read-set.ts';
import { parseRecipe } from './index/recipe.ts';
import { chooseEmbedding, ensureModel } from './models/choose.ts';
import { installedEmbedding, pullFrom, weightsWanted } from './models/for-build.ts';
import { fingerprintOf, type InstalledModel, type PullEvent } from './models/model.ts';
import {
  type BuildPaths,
  type BuildPlan,
  buildPaths,
  FORMAT,
  readManifest,
  readPlan,
  writePlan,
} from './store/build-folder.ts';
import type { KeywordTokenizer } from './types.ts';

export interface BuildRequest {
  /** Files, folders, or `hf:OWNER/NAME/CONFIG`. */
  sources: string[];
  name?: string | undefined;
  /** Most articles to read. */
  limit?: number | undefined;
  /** Most chunks to keep of an article, from its beginning. */
  chunksPerArticle?: number | undefined;
  /** FAISS factory string; chosen by the number of chunks when absent. */
  recipe?: string | undefined;
  /** An earlier build of the same wiki: what it already embedded and trained is taken over. */
  update?: string | undefined;
  /** Files of questions, as for `evaluate`, that recall is measured with; sentences of the corpus when absent. */
  questions?: string[] | undefined;
  /** Count broken records and go on. */
  skipBad?: boolean | undefined;
}

export interface AgreedBuild {
  plan: BuildPlan;
  model: InstalledModel;
  resumed: boolean;
}

/** Languages written without spaces between words. */
const UNSPACED = new Set([
  'zh',
  'ja',
  'th',
  'lo',
  'km',
  'my',
  'bo',
  'yue',
  'wuu',
  'gan',
  'hak',
  'nan',
  'lzh',
  'dz',
]);

/** The name of a build that was given none: its first source's own. */
export function defaultName(sources: string[]): string {
  const last = (sources[0] ?? '').split('/').at(-1) || basename(resolve(sources[0] ?? ''));
  const stem = last.replace(/(\.(xml|bz2|gz|jsonl|parquet|txt))+$/i, '');
  return (
    stem
      .replace(/[^\p{L}\p{N}._-]+|\.{2,}/gu, '-')
      .replace(/^[^\p{L}\p{N}]+/u, '')
      .slice(0, 64) || 'build'
  );
}

/**
 * The plan of the build in `paths`: the one it was begun with, or a new one, written before any work.
 * Throws `CoreError('usage')` for an unknown recipe, or naming the difference when a begun build is asked to be something else.
 */
export async function* agreeOnPlan(
  request: BuildRequest,
  settings: Settings,
  paths: BuildPaths,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<PullEvent, AgreedBuild> {
  if (request.recipe !== undefined) parseRecipe(request.recipe);
  const begun = await readPlan(paths);
  const earlier = begun ? undefined : await earlierPlan(request.update, settings, name);
  const known = begun ?? earlier;
  const model = known
    ? await installedEmbedding(settings, known.model, known.modelFolder, signal)
    : yield* newWeights(settings, signal);
  const asked: Asked = {
    sources: request.sources.map((source) => (source.startsWith('hf:') ? source : resolve(source))),
    ...(request.limit !== undefined && { limit: request.limit }),
    ...(request.chunksPerArticle !== undefined && { chunksPerArticle: request.chunksPerArticle }),
    ...(request.recipe !== undefined && { recipe: request.recipe }),
    ...(request.update !== undefined && { update: request.update }),
    ...(request.questions !== undefined && { questions: request.questions.map((file) => resolve(file)) }),
  };
  if (begun !== undefined) {
    holdTo(begun, asked);
    return { plan: begun, model, resumed: true };
  }
  if (asked.questions !== undefined) await readQuestionSet(asked.questions); // a set that cannot be read is told before the work
  const readers = await openSources(asked.sources, settings, signal);
  const { keywordTokenizer, chunkTokens, shardRows } = settings;
  const plan: BuildPlan = {
    format: FORMAT,
    name,
    ...asked,
    sourceBytes: readers.map(({ facts }) => facts.bytesTotal),
    model: fingerprintOf(model),
    ...(model.entry.sources.length === 0 && { modelFolder: model.folder }), // the user's own
    keywordTokenizer:
      earlier?.keywordTokenizer ??
      (keywordTokenizer === 'auto' ? await tokenizerFor(readers, signal) : keywordTokenizer),
    chunkTokens: earlier?.chunkTokens ?? Math.min(chunkTokens, fingerprintOf(model).maxTokens),
    shardRows: earlier?.shardRows ?? shardRows,
  };
  await writePlan(paths, plan);
  return { plan, model, resumed: false };
}

async function* newWeights(
  settings: Settings,
  signal: AbortSignal,
): AsyncGenerator<PullEvent, InstalledModel> {
  const candidates = await chooseEmbedding(settings);
  const installed = yield* ensureModel(candidates, { ...pullFrom(settings), signal });
  return yield* weightsWanted(installed, settings, signal);
}

/** The plan of the whole build that is to be updated: model, tokenizer and chunks are cut as they were there. */
async function earlierPlan(
  update: string | undefined,
  { data }: Settings,
  name: string,
): Promise<BuildPlan | undefined> {
  if (update === undefined) return undefined;
  if (update === name)
    throw new CoreError(
      'usage',
      `Build "${name}" cannot be updated under its own name: it stays for a way back.`,
      {
        hint: 'Give the new one another name with --name NAME.',
      },
    );
  await readManifest(data, update);
  return readPlan(buildPaths(data, update));
}

/** The readers of a plan's sources; throws when a source is no longer what it was when the build began. */
export async function openReaders(
  plan: BuildPlan,
  settings: Settings,
  signal: AbortSignal,
): Promise<Reader[]> {
  const readers = await openSources(plan.sources, settings, signal);
  const changed = readers.find(({ facts }, index) => facts.bytesTotal !== plan.sourceBytes[index]);
  if (changed === undefined && readers.length === plan.sourceBytes.length) return readers;
  throw new CoreError(
    'bad-input',
    `${changed?.source ?? plan.sources.join(', ')} has changed since this build began.`,
    {
      hint: `Build it under another name, or begin again: footnote builds remove ${plan.name}`,
    },
  );
}

/** The readers of sources, in order. */
export async function openSources(
  sources: string[],
  settings: Settings,
  signal: AbortSignal,
): Promise<Reader[]> {
  const { hub } = pullFrom(settings);
  const opened = await Promise.all(sources.map((source) => openSource(source, hub, signal)));
  return opened.flat();
}

async function tokenizerFor(readers: Reader[], signal: AbortSignal): Promise<KeywordTokenizer> {
  for (const reader of readers) {
    for await (const { article } of reader.articles({ skipBad: true, signal })) {
      const language = article.language.split('-')[0] ?? '';
      if (UNSPACED.has(language)) return 'segmenter';
      return language === 'en' || language === '' ? 'porter' : 'unicode61';
    }
  }
  return 'porter';
}

/** What a build can be asked for again. */
type Asked = Pick<BuildPlan, 'sources' | 'limit' | 'chunksPerArticle' | 'recipe' | 'update' | 'questions'>;

function holdTo(begun: BuildPlan, asked: Asked): void {
  const show = (value: unknown) =>
    value === undefined ? 'none' : Array.isArray(value) ? value.join(', ') : String(value);
  for (const field of ['sources', 'limit', 'chunksPerArticle', 'recipe', 'update', 'questions'] as const) {
    if (show(begun[field]) === show(asked[field])) continue;
    const difference = `${field}: then ${show(begun[field])}, now ${show(asked[field])}`;
    throw new CoreError('usage', `Build "${begun.name}" was begun with other settings (${difference}).`, {
      hint: `Repeat it as it was begun, choose another name with --name, or begin again: footnote builds remove ${begun.name}`,
    });
  }
}
