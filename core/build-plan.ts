/**
 * The plan of a build, fixed before anything is read: sources, model, tokenizer, limits.
 * Knows how a resumed build is held to its original plan; nothing about how stages work.
 */
import { basename, resolve } from 'node:path';
import type { Settings } from './config.ts';
import { openSource } from './corpus/open.ts';
import type { Reader } from './corpus/reader.ts';
import { CoreError } from './errors.ts';
import { readQuestionSet } from './evaluate/read-set.ts';
import { checkRecipe, parseRecipe } from './index/recipe.ts';
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
  /** Maximum number of articles to read. */
  limit?: number | undefined;
  /** Maximum number of chunks to keep per article, from its beginning. */
  chunksPerArticle?: number | undefined;
  /** FAISS factory string; chosen by the number of chunks when absent. */
  recipe?: string | undefined;
  /** An earlier build of the same wiki, whose vectors and trained index are reused. */
  update?: string | undefined;
  /** Question files, as for `evaluate`, to measure recall with; sentences of the corpus when absent. */
  questions?: string[] | undefined;
  /** Count broken records and continue. */
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

/** The default name of a build: that of its first source. */
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
 * The plan of the build in `paths`: the one it was begun with, or a new one, written before any work starts.
 * Throws `CoreError('usage')` for an unknown recipe, or, naming the difference, if a begun build had other settings.
 */
export async function* agreeOnPlan(
  request: BuildRequest,
  settings: Settings,
  paths: BuildPaths,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<PullEvent, AgreedBuild> {
  const begun = await readPlan(paths);
  const earlier = begun ? undefined : await earlierPlan(request.update, settings, name);
  const known = begun ?? earlier;
  const model = known
    ? await installedEmbedding(settings, known.model, known.modelFolder, signal)
    : yield* newWeights(settings, signal);
  // The number of vectors is not known yet, but a recipe that can never fit is refused before the work starts.
  if (request.recipe !== undefined)
    checkRecipe(parseRecipe(request.recipe), Number.POSITIVE_INFINITY, fingerprintOf(model).dimensions);
  const asked: Asked = {
    sources: request.sources.map(resolveSource),
    ...(request.limit !== undefined && { limit: request.limit }),
    ...(request.chunksPerArticle !== undefined && { chunksPerArticle: request.chunksPerArticle }),
    ...(request.recipe !== undefined && { recipe: request.recipe }),
    ...(request.update !== undefined && { update: request.update }),
    ...(request.questions !== undefined && { questions: request.questions.map((file) => resolve(file)) }),
  };
  if (begun !== undefined) return { plan: await goOn(begun, asked, paths, settings), model, resumed: true };
  if (asked.questions !== undefined) await readQuestionSet(asked.questions); // fails early for an unreadable set
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

/** A source as it is kept: an address as it is, a path from the root. Throws `usage` for an empty one. */
export function resolveSource(source: string): string {
  if (source.trim() === '')
    throw new CoreError('usage', 'A source has no name.', {
      hint: 'Name a file, a folder, or a data set as hf:OWNER/NAME/CONFIG; is a variable empty?',
    });
  return source.startsWith('hf:') ? source : resolve(source);
}

async function* newWeights(
  settings: Settings,
  signal: AbortSignal,
): AsyncGenerator<PullEvent, InstalledModel> {
  const candidates = await chooseEmbedding(settings);
  const installed = yield* ensureModel(candidates, { ...pullFrom(settings), signal });
  return yield* weightsWanted(installed, settings, signal);
}

/** The plan of the finished build to update; the new build takes its model, tokenizer and chunk size from there. */
async function earlierPlan(
  update: string | undefined,
  { data }: Settings,
  name: string,
): Promise<BuildPlan | undefined> {
  if (update === undefined) return undefined;
  if (update === name)
    throw new CoreError(
      'usage',
      `Build "${name}" cannot be updated under its own name: it is kept to go back to.`,
      {
        hint: 'Give the new one another name with --name NAME.',
      },
    );
  await readManifest(data, update);
  return readPlan(buildPaths(data, update));
}

/**
 * The readers of a plan's sources, of which the first `read` have been read to their end.
 * Throws if the size of one of those, or the number of sources, has changed; the others may have been repaired.
 */
export async function openReaders(
  plan: BuildPlan,
  read: number,
  settings: Settings,
  signal: AbortSignal,
): Promise<Reader[]> {
  const readers = await openSources(plan.sources, settings, signal);
  const sourceBytes = readers.map(({ facts }) => facts.bytesTotal);
  const changed = readers.slice(0, read).find((_, index) => sourceBytes[index] !== plan.sourceBytes[index]);
  if (changed === undefined && readers.length === plan.sourceBytes.length) {
    if (sourceBytes.some((bytes, index) => bytes !== plan.sourceBytes[index]))
      await writePlan(buildPaths(settings.data, plan.name), { ...plan, sourceBytes });
    return readers;
  }
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

/** The fields on which a request to resume a build is compared with its plan. */
type Asked = Pick<BuildPlan, 'sources' | 'limit' | 'chunksPerArticle' | 'recipe' | 'update' | 'questions'>;

/** The plan to resume with: the begun one, but with a new recipe if there is no manifest; earlier stages ignore it. */
async function goOn(
  begun: BuildPlan,
  asked: Asked,
  paths: BuildPaths,
  { data }: Settings,
): Promise<BuildPlan> {
  const whole = await readManifest(data, begun.name).then(
    () => true,
    () => false,
  );
  if (whole || asked.recipe === undefined || asked.recipe === begun.recipe) {
    holdTo(begun, asked);
    return begun;
  }
  const plan = { ...begun, recipe: asked.recipe };
  holdTo(plan, asked);
  await writePlan(paths, plan);
  return plan;
}

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
