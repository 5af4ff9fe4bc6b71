/**
 * From nothing to something to ask: weights, a first corpus, and a build of about three minutes.
 * Knows which corpus comes first and how much of it; the stages do the rest.
 */
import { build } from './build.ts';
import type { Settings } from './config.ts';
import { openSource } from './corpus/open.ts';
import { embeddingRate } from './embed/rate.ts';
import { CoreError, isCoreError, throwIfAborted } from './errors.ts';
import { FIRST_ARTICLES } from './models/catalog.ts';
import { chooseEmbedding, chooseGenerator, chooseReranker, ensureModel } from './models/choose.ts';
import { pullFrom } from './models/for-build.ts';
import type { InstalledModel, PullEvent } from './models/model.ts';
import { pullModel, pullTogether } from './models/pull.ts';
import { buildPaths, readPlan } from './store/build-folder.ts';
import { activeBuild } from './store/builds.ts';
import type { BuildEvent, Manifest } from './types.ts';

export interface FirstBuild {
  manifest: Manifest;
  /** Maximum number of passages per article, from its beginning. */
  chunksPerArticle: number;
  /** A question that this corpus answers. */
  question: string;
}

interface FirstCorpus {
  /** The build's name. */
  name: string;
  articles: number;
  question: string;
  /** The source to build from, downloaded first if needed; throws if it is not available. */
  source(settings: Settings, signal?: AbortSignal): AsyncGenerator<PullEvent, string>;
}

/** In the order they are tried: Simple English Wikipedia from the hub, else whole articles of an English dump from a package. */
const FIRST_CORPORA: FirstCorpus[] = [
  {
    name: 'simple-wikipedia',
    articles: 1_500,
    question: 'Which month comes between March and May?',
    async *source(settings) {
      const address = 'hf:wikimedia/wikipedia/20231101.simple';
      await openSource(address, pullFrom(settings).hub);
      return address;
    },
  },
  {
    name: 'first-articles',
    articles: 106,
    question: 'Where was Albert Einstein born?',
    async *source(settings, signal) {
      const pulled = yield* pullModel({ entry: FIRST_ARTICLES, ...pullFrom(settings), signal });
      return pulled.weights;
    },
  },
];

/** Time that the first build may spend on embedding, and the fewest chunks of an article that are worth having. */
const EMBED_SECONDS = 180;
const LEAST_CHUNKS = 8;
const SAMPLE = 24;

/** Makes the first build unless there is an active one; resumes an interrupted one. */
export async function* firstBuild(
  settings: Settings,
  signal?: AbortSignal,
): AsyncGenerator<BuildEvent | PullEvent, FirstBuild | undefined> {
  if ((await activeBuild(settings.data)) !== undefined) return undefined;
  const request = { ...pullFrom(settings), signal };
  const embedding = yield* pullTogether(settings.data, async function* (shelf) {
    const model = yield* ensureModel(await chooseEmbedding(settings), { ...request, shelf });
    yield* unlessMissing(ensureModel(await chooseReranker(settings), { ...request, shelf }));
    return model;
  });
  const generators = await chooseGenerator(settings);
  if (generators.length > 0) yield* unlessMissing(ensureModel(generators, request));

  const { corpus, source } = yield* firstCorpus(settings, signal);
  const begun = await readPlan(buildPaths(settings.data, corpus.name));
  const chunksPerArticle =
    begun?.chunksPerArticle ??
    Math.max(LEAST_CHUNKS, Math.floor((await chunksInTime(settings, embedding)) / corpus.articles));
  const { name, articles: limit, question } = corpus;
  const manifest = yield* build({ sources: [source], name, limit, chunksPerArticle }, settings, signal);
  return { manifest, chunksPerArticle, question };
}

/** Without a reranking model passages stay in the order of the search; without a language model answers are made of quotes. */
async function* unlessMissing(
  pulling: AsyncGenerator<PullEvent, InstalledModel>,
): AsyncGenerator<PullEvent, void> {
  try {
    yield* pulling;
  } catch (error) {
    if (!isCoreError(error) || error.code !== 'model-missing') throw error;
  }
}

async function* firstCorpus(
  settings: Settings,
  signal?: AbortSignal,
): AsyncGenerator<PullEvent, { corpus: FirstCorpus; source: string }> {
  const refusals: string[] = [];
  for (const corpus of FIRST_CORPORA) {
    try {
      return { corpus, source: yield* corpus.source(settings, signal) };
    } catch (error) {
      throwIfAborted(signal);
      if (!isCoreError(error) || !['network', 'not-found', 'model-missing', 'bad-input'].includes(error.code))
        throw error;
      refusals.push(error.message);
      yield { type: 'pull-refused', model: corpus.name, source: corpus.name, reason: error.message };
    }
  }
  throw new CoreError('network', `No first corpus is available: ${refusals.join(' ')}`, {
    hint: 'Check the network, or build from a dump of your own: footnote build FILE',
  });
}

/** How many full-length chunks this machine embeds in the time of a first build, from a short measurement. */
async function chunksInTime(settings: Settings, model: InstalledModel): Promise<number> {
  const words =
    'Every sentence of an answer is cited and checked against the passage that it was taken from. ';
  const texts = Array.from({ length: SAMPLE }, (_, index) => `${index}. ${words.repeat(11)}`);
  return (await embeddingRate({ ...settings, model }, texts)) * EMBED_SECONDS;
}
