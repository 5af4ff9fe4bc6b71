/**
 * dump -> chunks -> vectors -> index -> verified, active build: the other half of what Footnote is for, as a stream of events.
 * Knows the order of the stages and what makes a build whole; each stage knows its own work and where it stopped.
 */
import { rm } from 'node:fs/promises';
import { agreeOnPlan, type BuildRequest, defaultName, openReaders } from './build-plan.ts';
import type { Settings } from './config.ts';
import { readCorpus } from './corpus/read-corpus.ts';
import { loadWordPieces } from './corpus/tokenizer.ts';
import { openEmbedder } from './embed/client.ts';
import { earlierVectors } from './embed/earlier-vectors.ts';
import { embedShards } from './embed/embed-shards.ts';
import { shardVectors } from './embed/shard-vectors.ts';
import { findUnchanged } from './embed/unchanged.ts';
import { buildIndex, type IndexEvent } from './index/build-index.ts';
import type { IndexFacts } from './index/index-folder.ts';
import { chooseRecipe, parseRecipe } from './index/recipe.ts';
import type { InstalledModel, PullEvent } from './models/model.ts';
import { mapped } from './runtime/events.ts';
import {
  type BuildPaths,
  type BuildPlan,
  buildPaths,
  FORMAT,
  readManifest,
  recordFiles,
  writeManifest,
} from './store/build-folder.ts';
import { holdingBuild } from './store/build-lock.ts';
import { makeActive } from './store/builds.ts';
import type { ChunkReader, ReadCheckpoint } from './store/chunk-store.ts';
import { indexWords, openChunkReader, openChunkWriter } from './store/client.ts';
import type { BuildEvent, BuildStage, Manifest } from './types.ts';
import { type Measured, measureBuild } from './verify.ts';

export type { BuildRequest };

const STAGES: BuildStage[] = ['read', 'words', 'embed', 'index', 'verify', 'activate'];

/**
 * Makes a build and activates it; run again after any interruption, it resumes where it stopped.
 * Throws `CoreError`; work done by then is kept for the next run, and the active build does not change.
 */
export async function* build(
  request: BuildRequest,
  settings: Settings,
  signal?: AbortSignal,
): AsyncGenerator<BuildEvent | PullEvent, Manifest> {
  const name = request.name ?? defaultName(request.sources);
  const paths = buildPaths(settings.data, name);
  return yield* holdingBuild(paths, signal, (held) => makeBuild({ ...request, name }, settings, held));
}

/** As {@link build}, for a process that already holds the build's lock. */
export async function* makeBuild(
  request: BuildRequest & { name: string },
  settings: Settings,
  signal: AbortSignal,
): AsyncGenerator<BuildEvent | PullEvent, Manifest> {
  const { name } = request;
  const paths = buildPaths(settings.data, name);
  const { plan, model, resumed } = yield* agreeOnPlan(request, settings, paths, name, signal);
  yield { type: 'build-start', build: name, resumed, stages: STAGES };
  const run: Run = { plan, model, paths, settings, skipBad: request.skipBad ?? false, signal, timings: {} };
  const manifest = resumed ? await wholeManifest(run) : undefined;
  const whole = manifest ?? (yield* makeWhole(run));
  yield* stage(run, 'activate', 'build', 1, async function* () {
    await makeActive(settings.data, name);
    yield { done: 1 };
  });
  yield { type: 'build-end', manifest: whole };
  return whole;
}

interface Run {
  plan: BuildPlan;
  model: InstalledModel;
  paths: BuildPaths;
  settings: Settings;
  skipBad: boolean;
  signal: AbortSignal;
  timings: Manifest['timings'];
}

async function* makeWhole(run: Run): AsyncGenerator<BuildEvent, Manifest> {
  const { plan, paths, signal } = run;
  const corpus = yield* stage(run, 'read', 'articles', plan.limit, () => read(run));
  const store = { path: paths.chunks, tokenizer: plan.keywordTokenizer };
  yield* stage(run, 'words', 'chunks', corpus.chunks, async function* () {
    for await (const done of indexWords(store, signal)) yield { done };
  });

  const chunks = await openChunkReader(store);
  try {
    return yield* makeSearchable(run, corpus, chunks);
  } finally {
    await chunks.close();
  }
}

/** Stored chunks -> vectors -> index -> measured recall -> manifest. */
async function* makeSearchable(
  run: Run,
  corpus: ReadCheckpoint,
  chunks: ChunkReader,
): AsyncGenerator<BuildEvent, Manifest> {
  const { plan, paths, settings, signal } = run;
  const embedder = await openEmbedder({ ...settings, model: run.model });
  try {
    const { shardRows } = plan;
    const earlier = plan.update === undefined ? undefined : await openEarlier(run, plan.update, chunks);
    yield* stage(run, 'embed', 'chunks', corpus.chunks, () =>
      embedShards({ chunks, embedder, folder: paths.shards, shardRows, earlier: earlier?.vectors, signal }),
    );
    const { dimensions } = plan.model;
    const vectors = shardVectors({ folder: paths.shards, rows: corpus.chunks, shardRows, dimensions });
    const { threads, device } = settings;
    const making = { vectors, folder: paths.index, threads, device, signal };
    const memory = settings.indexMemory * 2 ** 30;
    const recipe = plan.recipe
      ? parseRecipe(plan.recipe)
      : (earlier?.recipe(corpus.chunks) ?? chooseRecipe({ chunks: corpus.chunks, dimensions, memory }));
    const index = yield* stage(run, 'index', 'vectors', corpus.chunks, () =>
      told(buildIndex({ ...making, recipe, earlier: earlier?.index })),
    );
    const measuring = { target: settings.recallTarget, questions: plan.questions };
    const measured = yield* stage(run, 'verify', 'questions', undefined, () =>
      measureBuild({ ...making, ...measuring, chunks, embedder, index }),
    );
    await rm(paths.unchanged, { force: true });
    const manifest = await describe(run, corpus, index, measured);
    await writeManifest(paths, manifest);
    return manifest;
  } finally {
    await embedder.close();
  }
}

/** What the new build reuses of the build that it updates. */
async function openEarlier({ plan, paths, settings, signal }: Run, update: string, chunks: ChunkReader) {
  const manifest = await readManifest(settings.data, update);
  const from = buildPaths(settings.data, update);
  const earlier = await openChunkReader({ path: from.chunks, tokenizer: plan.keywordTokenizer });
  try {
    const unchanged = await findUnchanged({ chunks, earlier, path: paths.unchanged, signal });
    const { shardRows, model } = plan;
    return {
      vectors: earlierVectors({ unchanged, folder: from.shards, shardRows, dimensions: model.dimensions }),
      index: from.index,
      /** Its recipe, unless the number of chunks has more than doubled or halved. */
      recipe: (rows: number) =>
        rows <= 2 * manifest.chunks && rows >= manifest.chunks / 2
          ? parseRecipe(manifest.index.recipe)
          : undefined,
    };
  } finally {
    await earlier.close();
  }
}

/** Reads what is left of the sources, one checkpoint after another. */
async function* read({
  plan,
  model,
  paths,
  settings,
  skipBad,
  signal,
}: Run): AsyncGenerator<Progress, ReadCheckpoint> {
  const writer = await openChunkWriter({ path: paths.chunks, tokenizer: plan.keywordTokenizer });
  try {
    const before = await writer.checkpoint();
    const readers = before?.complete ? [] : await openReaders(plan, before?.source ?? 0, settings, signal);
    const wordPieces = await loadWordPieces(model.folder);
    const { chunkTokens, limit, chunksPerArticle } = plan;
    const options = { readers, writer, wordPieces, chunkTokens, limit, chunksPerArticle, skipBad, signal };
    return yield* mapped(readCorpus(options), ({ articles }) => ({ done: articles }));
  } finally {
    await writer.close();
  }
}

interface Progress {
  done: number;
  total?: number;
}

/** Translates the index's events into those of a build. */
async function* told(
  indexing: AsyncGenerator<IndexEvent, IndexFacts>,
): AsyncGenerator<Progress | BuildEvent, IndexFacts> {
  for (;;) {
    const { value, done } = await indexing.next();
    if (done) return value;
    if (value.type === 'train-progress' || value.type === 'codebook-progress') yield value;
    else if (value.type === 'train-start' && !value.enough)
      yield {
        type: 'warning',
        message: `Only ${value.points} vectors to train ${value.nlist} lists: recall may suffer.`,
      };
    else if (value.type === 'assign-progress' || value.type === 'write-progress')
      yield { done: value.done, total: value.total };
  }
}

/** Runs one stage: yields its start, progress and end events, and keeps its time for the manifest. */
async function* stage<Result>(
  run: Run,
  name: BuildStage,
  unit: string,
  total: number | undefined,
  work: () => AsyncGenerator<Progress | BuildEvent, Result>,
): AsyncGenerator<BuildEvent, Result> {
  const started = performance.now();
  yield { type: 'stage-start', stage: name, unit, ...(total !== undefined && { total }) };
  const working = work();
  let done = 0;
  try {
    for (;;) {
      const next = await working.next();
      if (next.done) {
        const ms = performance.now() - started;
        run.timings[name] = Math.round(ms);
        yield { type: 'stage-end', stage: name, done, ms };
        return next.value;
      }
      if ('type' in next.value) {
        yield next.value;
        continue;
      }
      done = next.value.done;
      yield {
        type: 'stage-progress',
        stage: name,
        unit,
        ...(total !== undefined && { total }),
        ...next.value,
      };
    }
  } finally {
    await working.return(undefined as Result);
  }
}

/** The manifest of a build that an earlier run finished, if one did. */
async function wholeManifest({ settings, plan }: Run): Promise<Manifest | undefined> {
  return readManifest(settings.data, plan.name).catch((error) => {
    // A damaged one is rewritten: everything in it can be measured again.
    if (error.code === 'not-found' || error.code === 'bad-input') return undefined;
    throw error;
  });
}

async function describe(
  { plan, paths, signal, timings }: Run,
  corpus: ReadCheckpoint,
  index: IndexFacts,
  { recall, presets }: Measured,
): Promise<Manifest> {
  const { recipe, nlist, bytesPerVector, imbalance, listSizes, memory, disk } = index;
  const { nprobe, candidates } = recall;
  return {
    format: FORMAT,
    name: plan.name,
    createdAt: new Date().toISOString(),
    sources: plan.sources,
    ...(corpus.dumpDate !== undefined && { dumpDate: corpus.dumpDate }),
    site: corpus.site,
    licence: /\.wikipedia\.org$/.test(corpus.site) ? 'CC BY-SA 4.0' : '',
    languages: corpus.languages,
    articles: corpus.articles,
    chunks: corpus.chunks,
    skipped: corpus.skipped,
    model: plan.model,
    ...(plan.modelFolder !== undefined && { modelFolder: plan.modelFolder }),
    keywordTokenizer: plan.keywordTokenizer,
    index: {
      ...{ recipe, metric: 'inner-product', nlist, nprobe, bytesPerVector, imbalance, memory, disk, presets },
      ...(candidates !== undefined && { candidates }),
      ...(listSizes.length > 0 && { listSizes }),
    },
    recall,
    files: await recordFiles(paths, signal),
    timings,
  };
}
