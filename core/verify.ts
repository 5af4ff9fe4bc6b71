/**
 * Checks that a build is what it says it is: compares its index with exact search, and re-reads its files.
 * Knows what is checked; the index knows how recall is measured.
 */
import { join } from 'node:path';
import type { Settings } from './config.ts';
import { sentenceSpans } from './corpus/sentences.ts';
import type { Embedder } from './embed/embedder.ts';
import { CoreError, throwIfAborted } from './errors.ts';
import { readQuestionSet } from './evaluate/read-set.ts';
import { type IndexFacts, storeNprobe } from './index/index-folder.ts';
import { openSearcher } from './index/search/client.ts';
import { type DeviceChoice, openTrainer } from './index/train/trainer.ts';
import type { VectorSource } from './index/vectors.ts';
import { affordableLists, exactNearest, tune } from './index/verify.ts';
import { digestFile } from './runtime/digest.ts';
import { search } from './search.ts';
import { openSession } from './session.ts';
import { buildPaths, readManifest } from './store/build-folder.ts';
import type { ChunkReader } from './store/chunk-store.ts';
import type { BuildEvent, Manifest, SearchPreset } from './types.ts';

/** Held-out questions of a verification, one per `chunksEach` chunks: sentences of chunks spread evenly over rows. */
const QUESTIONS = { least: 200, most: 1000, chunksEach: 10 };
const QUESTION_CHARACTERS = { least: 25, most: 300 };

/** How many questions a build of this many chunks is verified with; callers use at most one per chunk. */
export function questionsFor(chunks: number): number {
  const { least, most, chunksEach } = QUESTIONS;
  return Math.max(least, Math.min(most, Math.floor(chunks / chunksEach)));
}

/** At most `wanted` sentences of the corpus, to be asked as questions. */
async function sentencesOf(chunks: ChunkReader, wanted: number): Promise<string[]> {
  const rows = await chunks.count();
  const count = Math.min(rows, wanted);
  const ids = Array.from({ length: count }, (_, index) => Math.floor(((index + 0.5) * rows) / count));
  const sampled = await chunks.get(ids);
  return sampled.map(({ text, language }) => {
    const spans = sentenceSpans(text, language).map(({ start, end }) => text.slice(start, end).trim());
    const { least, most } = QUESTION_CHARACTERS;
    return spans.find(({ length }) => length >= least && length <= most) ?? text.slice(0, most);
  });
}

export interface MeasureOptions {
  chunks: ChunkReader;
  embedder: Embedder;
  vectors: VectorSource;
  /** The index's folder, and what is in it. */
  folder: string;
  index: IndexFacts;
  /** Recall@10 to reach. */
  target: number;
  /** Files of questions to measure with; sentences of the corpus when absent. */
  questions?: string[] | undefined;
  threads: number;
  device: DeviceChoice;
  signal?: AbortSignal | undefined;
}

export interface Measured {
  recall: Manifest['recall'];
  presets: SearchPreset[];
}

/**
 * Measures recall against exact search over the same vectors, in a fresh search process, and stores in the index
 * the smallest nprobe that reaches the target, but at least as many lists as are cheap to visit.
 */
export async function* measureBuild(
  options: MeasureOptions,
): AsyncGenerator<{ done: number } | BuildEvent, Measured> {
  const { chunks, embedder, vectors, folder, index, target, threads, device, signal } = options;
  const set = options.questions && (await readQuestionSet(options.questions, { limit: QUESTIONS.most }));
  const asked =
    set?.questions.map(({ question }) => question) ?? (await sentencesOf(chunks, questionsFor(vectors.rows)));
  const queries = await embedder.embed(asked, 'query', { signal });
  const kernel = openTrainer({ threads, device });
  const searcher = await openSearcher({ folder, rows: vectors.rows });
  try {
    const truth = await exactNearest({ kernel, vectors, queries, signal });
    yield { done: 0 };
    const { nlist, rescored } = index;
    const leastLists = affordableLists(index);
    const { chosen, presets } = await tune({ searcher, truth, nlist, rescored, target, leastLists, signal });
    const { at1, at10, at100, nprobe, candidates } = chosen;
    await storeNprobe(folder, nprobe);
    yield { done: truth.nearest.length };
    if (at10 < target)
      yield {
        type: 'warning',
        message: `The index finds ${at10.toFixed(3)} of the nearest ten, not ${target}, however many lists are visited: build it with another --recipe, such as more parts (PQ) or Flat.`,
      };
    const breadth = { nprobe, ...(candidates !== undefined && { candidates }) };
    const queried = { queries: truth.nearest.length, ...(set && { set: set.name }) };
    return { recall: { at1, at10, at100, ...queried, ...breadth, target }, presets };
  } finally {
    await Promise.all([kernel.close(), searcher.close()]);
  }
}

export interface VerifyReport {
  build: string;
  files: number;
  bytes: number;
  hits: number;
}

/**
 * Re-reads every file of a whole build against its checksum, then searches it with one of its own sentences.
 * Throws `CoreError('bad-input')` that names the first file that is missing or changed.
 */
export async function* verifyBuild(
  settings: Settings,
  name: string,
  signal?: AbortSignal,
): AsyncGenerator<BuildEvent, VerifyReport> {
  const manifest = await readManifest(settings.data, name);
  const started = performance.now();
  const total = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  yield { type: 'stage-start', stage: 'verify', total, unit: 'bytes' };
  let done = 0;
  for (const [path, expected] of Object.entries(manifest.files)) {
    throwIfAborted(signal);
    const found = await digestFile(join(buildPaths(settings.data, name).folder, path), signal).catch(
      () => undefined,
    );
    if (found?.sha256 !== expected.sha256) throw damaged(name, path, found === undefined);
    done += found.bytes;
    yield { type: 'stage-progress', stage: 'verify', done, total, unit: 'bytes' };
  }
  const hits = await searchItself(settings, manifest, signal);
  yield { type: 'stage-end', stage: 'verify', done, ms: performance.now() - started };
  return { build: name, files: Object.keys(manifest.files).length, bytes: total, hits };
}

async function searchItself(settings: Settings, manifest: Manifest, signal?: AbortSignal): Promise<number> {
  const session = await openSession({ ...settings, build: manifest.name });
  try {
    const [chunk] = await (await session.chunks()).get([Math.floor(manifest.chunks / 2)]);
    const { hits } = await search(
      session,
      { question: chunk?.text.slice(0, 200) ?? '', method: 'hybrid' },
      signal,
    );
    if (hits.length === 0)
      throw new CoreError('bad-input', `Build "${manifest.name}" finds nothing for a sentence of its own.`, {
        hint: `Build it again under another name, then remove it: footnote builds remove ${manifest.name}`,
      });
    return hits.length;
  } finally {
    await session.close();
  }
}

function damaged(name: string, path: string, missing: boolean): CoreError {
  return new CoreError(
    'bad-input',
    `Build "${name}" is damaged: ${path} ${missing ? 'cannot be read' : 'has changed'}.`,
    {
      hint: 'Restore that file from a copy, or build again under another name.',
    },
  );
}
