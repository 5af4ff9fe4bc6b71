/**
 * One build, opened for questions: its manifest and the processes that serve it, each started when first needed.
 * Knows which stage offers what; nothing about plans or answers.
 */
import { join } from 'node:path';
import type { Settings } from './config.ts';
import { openEmbedder } from './embed/client.ts';
import { CoreError } from './errors.ts';
import type { Generator } from './generate/generator.ts';
import { openSearcher } from './index/search/client.ts';
import { openLanguageModel } from './language-model.ts';
import { installedEmbedding, installedReranker } from './models/for-build.ts';
import { rewriteQuestion } from './question/rewrite.ts';
import { openReranker } from './rerank/client.ts';
import type { RetrievalTools } from './retrieve/run-plan.ts';
import { buildPaths, readManifest } from './store/build-folder.ts';
import { activeBuild } from './store/builds.ts';
import { openChunkReader } from './store/client.ts';
import type { Manifest } from './types.ts';

export interface Session extends RetrievalTools {
  settings: Settings;
  manifest: Manifest;
  /** The language model, or undefined when answers are to be extractive. */
  generator(): Promise<Generator | undefined>;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Keep the language model's rewrites in DATA/cache/rewrites; otherwise every question is rewritten each time. */
  keepRewrites?: boolean;
}

/**
 * Opens the build that the settings name, or the active one.
 * Throws `CoreError`: `not-found` (no such build), `bad-input`, `incompatible` (its manifest). Models are opened
 * when first needed, and throw then: `model-missing`, `model-mismatch` (settings name another model).
 */
export async function openSession(
  settings: Settings,
  { keepRewrites = false }: SessionOptions = {},
): Promise<Session> {
  const { data } = settings;
  const name = settings.build ?? (await activeBuild(data));
  if (name === undefined)
    throw new CoreError('not-found', `There is no build in ${data} yet.`, {
      hint: 'Run `footnote` for a first one, or `footnote build SOURCE`.',
    });
  const manifest = await readManifest(data, name);
  const paths = buildPaths(data, name);
  const cache = keepRewrites ? join(data, 'cache', 'rewrites') : undefined;
  const opened: { close(): Promise<void> }[] = [];
  const keep = async <T extends { close(): Promise<void> } | undefined>(opening: Promise<T>): Promise<T> => {
    const part = await opening;
    if (part !== undefined) opened.push(part);
    return part;
  };
  const generator = once(() => keep(openLanguageModel(settings)));
  return {
    settings,
    manifest,
    embedder: once(async () => {
      const model = await installedEmbedding(settings, manifest.model, manifest.modelFolder);
      return keep(openEmbedder({ ...settings, model, embedProcesses: 1 }));
    }),
    searcher: once(() => {
      const { candidates } = manifest.index;
      return keep(openSearcher({ folder: paths.index, rows: manifest.chunks, candidates, again: true }));
    }),
    chunks: once(() => keep(openChunkReader({ path: paths.chunks, tokenizer: manifest.keywordTokenizer }))),
    reranker: once(async () => {
      const model = await installedReranker(settings, manifest.languages);
      return keep(openReranker({ model, threads: settings.threads, device: settings.device }));
    }),
    generator,
    async rewrite(kind, question, { signal }) {
      const model = await generator();
      if (model === undefined)
        throw new CoreError('model-missing', 'Answers are made of quotes, without a language model.', {
          hint: 'Name one with --generator, or a method that needs none.',
        });
      return rewriteQuestion(kind, question, model, { signal, cache });
    },
    async close() {
      await Promise.allSettled(opened.map((part) => part.close()));
    },
  };
}

/** Calls `open` at the first use, and again only after a failure. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined;
  return () => {
    opening ??= open().catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
}
