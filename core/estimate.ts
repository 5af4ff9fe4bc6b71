/**
 * Estimates the time, disk and memory of a build before it starts: from a sample of its source, the rates that this
 * machine reached before, and the sizes of what is written. Knows sizes and rates; opens at most one embedder.
 */
import { type BuildRequest, openSources } from './build-plan.ts';
import { rateKey, readRates } from './build-rates.ts';
import type { Settings } from './config.ts';
import { chunkArticle } from './corpus/chunk.ts';
import { passageText } from './corpus/passage.ts';
import type { Reader } from './corpus/reader.ts';
import { loadWordPieces } from './corpus/tokenizer.ts';
import type { WordPieces } from './corpus/word-pieces.ts';
import { embeddingRate } from './embed/rate.ts';
import { ITERATIONS } from './index/build-index.ts';
import {
  bytesPerVector,
  checkRecipe,
  chooseRecipe,
  type InvertedRecipe,
  parseRecipe,
  printRecipe,
  type Recipe,
  samplePoints,
} from './index/recipe.ts';
import { comparedWith } from './index/train/grouped.ts';
import { refiningRounds, TWO_LEVELS_FROM } from './index/train/two-level.ts';
import { chooseEmbedding } from './models/choose.ts';
import { dtypeWanted, weightsWanted } from './models/for-build.ts';
import type { ModelEntry } from './models/model.ts';
import { resultOf } from './runtime/events.ts';
import { diskFree, machinePower } from './runtime/machine.ts';
import { listBuilds } from './store/builds.ts';
import type { BuildStage, NewChunk } from './types.ts';
import { questionsFor } from './verify.ts';

export interface Estimate {
  /** Of the whole source, or of the part within `limit`. */
  articles: number;
  chunks: number;
  /** The source was short enough to be counted, not sampled. */
  counted: boolean;
  /** Milliseconds by stage. */
  ms: Partial<Record<BuildStage, number>>;
  /** Where the embedding rate is from: an earlier build here, a measurement just now, or another machine. */
  pace: 'earlier' | 'measured' | 'elsewhere';
  /** Bytes, in all and by the stage that writes them. */
  disk: number;
  diskOf: Partial<Record<BuildStage, number>>;
  diskFree: number;
  memory: number;
  memoryFree: number;
  recipe: string;
  model: string;
  /** Bytes of weights to download first; 0 if they are installed. */
  fetch: number;
}

/** A source is read for at least this time and this many articles, or to its end; a small one longer, to count it. */
const SAMPLE = { ms: 1_500, articles: 30, smallBytes: 8e6, smallMs: 5_000 };
/** Passages embedded to measure the rate if no earlier build has. */
const EMBEDDED = 24;

/**
 * Measured on two cores of an AMD EPYC: bytes per chunk of text and of word index (229,352 chunks of English), rows
 * stored per second, rows whose words are indexed per second, chunks embedded per second and thread.
 */
const ELSEWHERE = {
  bytes: { text: 836, words: 167 },
  storeRows: 12_400,
  wordRows: 5_200,
  embedPerThread: 26,
  passageCharacters: 560,
};
/**
 * Per second, for one thread: floating-point operations of the training kernel and of projecting on principal
 * components, vectors written, bytes hashed.
 */
const INDEX = { flops: 34e9, projecting: 1e9, rows: 60_000, hash: 400e6 };
/** To start the processes for the held-out questions; comparing each question with every vector comes on top. */
const VERIFY_START_MS = 4_000;
/** Bytes: the build with its store and index processes; an embedding process besides its weights, held twice. */
const MEMORY = { build: 350e6, embedder: 250e6 };

/** Throws what a build throws for a missing source, recipe or model. */
export async function estimateBuild(
  request: BuildRequest,
  settings: Settings,
  signal: AbortSignal = new AbortController().signal,
): Promise<Estimate> {
  const asked = request.recipe === undefined ? undefined : parseRecipe(request.recipe);
  const candidates = await chooseEmbedding(settings);
  const first = candidates[0];
  const installed = first?.kind === 'installed' ? first.model : undefined;
  const entry = (installed?.entry ?? (first?.kind === 'pull' ? first.entry : undefined)) as ModelEntry;
  const dimensions = entry.embedding?.dimensions ?? 384;
  const wordPieces = installed === undefined ? undefined : await loadWordPieces(installed.folder);
  const readers = await openSources(request.sources, settings, signal);
  const sample = await sampled(readers, { request, settings, wordPieces, signal });

  const articles = Math.min(
    request.limit ?? Number.POSITIVE_INFINITY,
    Math.round(sample.articles * sample.scale),
  );
  const chunks = Math.max(1, Math.round((sample.chunks * articles) / Math.max(1, sample.articles)));
  const threads = settings.threads;
  const embedded = { name: entry.name, dtype: dtypeWanted(entry, settings) };
  const kept = await readRates(settings.data, rateKey(embedded, settings.device, threads));
  const measured =
    kept.embed === undefined && installed !== undefined && sample.passages.length > 0
      ? await embeddingRate(
          { ...settings, model: await resultOf(weightsWanted(installed, settings, signal)) },
          sample.passages.slice(0, EMBEDDED),
          signal,
        )
      : undefined;
  const embed = kept.embed ?? measured ?? ELSEWHERE.embedPerThread * threads;
  // Only an exact count may refuse a recipe: all of the source was read, and cut with the model's tokenizer.
  const certain = sample.counted && wordPieces !== undefined ? chunks : Number.POSITIVE_INFINITY;
  if (asked !== undefined) checkRecipe(asked, certain, dimensions);
  const memory = settings.indexMemory * 2 ** 30;
  const recipe = asked ?? chooseRecipe({ chunks, dimensions, memory });
  const { searched, beside } = bytesPerVector(recipe, dimensions);
  const { text, words } = (await storeBytes(settings.data)) ?? ELSEWHERE.bytes;
  const diskOf = {
    read: chunks * text,
    words: chunks * words,
    embed: chunks * 4 * dimensions,
    index: chunks * (searched + beside),
  };
  const disk = Object.values(diskOf).reduce((sum, bytes) => sum + bytes, 0);
  const readMs = (sample.ms / Math.max(1, sample.chunks) + 1_000 / ELSEWHERE.storeRows) * chunks;
  const processes = settings.embedProcesses ?? Math.min(8, threads);
  const weights = weightsBytes(entry);
  const { memoryFree } = machinePower();
  return {
    articles,
    chunks,
    counted: sample.counted,
    ms: {
      read: kept.read === undefined ? readMs : (chunks / kept.read) * 1_000,
      words: (chunks / (kept.words ?? ELSEWHERE.wordRows)) * 1_000,
      embed: (chunks / embed) * 1_000,
      index: indexMs(recipe, chunks, dimensions, threads),
      verify: verifyMs(chunks, dimensions, threads) + (disk / INDEX.hash) * 1_000,
    },
    pace: kept.embed !== undefined ? 'earlier' : measured !== undefined ? 'measured' : 'elsewhere',
    disk,
    diskOf,
    diskFree: await diskFree(settings.data),
    memory: MEMORY.build + processes * (MEMORY.embedder + 2 * weights),
    memoryFree,
    recipe: printRecipe(recipe),
    model: entry.name,
    fetch: installed === undefined ? weights : 0,
  };
}

interface Sample {
  articles: number;
  chunks: number;
  ms: number;
  /** The size of the whole source as a multiple of the sample. */
  scale: number;
  /** Whether the source was read to its end, or to the limit. */
  counted: boolean;
  passages: string[];
}

interface Sampling {
  request: BuildRequest;
  settings: Settings;
  wordPieces: WordPieces | undefined;
  signal: AbortSignal | undefined;
}

/** Reads and chunks from the beginning for a short time. */
async function sampled(
  readers: Reader[],
  { request, settings, wordPieces, signal }: Sampling,
): Promise<Sample> {
  const sample: Sample = { articles: 0, chunks: 0, ms: 0, scale: 1, counted: true, passages: [] };
  const total = readers.reduce((sum, { facts }) => sum + Math.max(0, facts.bytesTotal), 0);
  const started = performance.now();
  let before = 0;
  for (const reader of readers) {
    for await (const { article } of reader.articles({ skipBad: true, signal })) {
      const cut: Pick<NewChunk, 'title' | 'section' | 'text'>[] =
        wordPieces === undefined
          ? piecesOf(article.title, article.text)
          : chunkArticle(article, { wordPieces, maxTokens: settings.chunkTokens });
      const kept = cut.slice(0, request.chunksPerArticle);
      sample.articles += 1;
      sample.chunks += kept.length;
      if (sample.passages.length < EMBEDDED) sample.passages.push(...kept.map(passageText));
      sample.ms = performance.now() - started;
      if (sample.articles === request.limit) return sample;
      const least = total <= SAMPLE.smallBytes ? SAMPLE.smallMs : SAMPLE.ms;
      if (sample.ms < least || sample.articles < SAMPLE.articles) continue;
      const read = Math.max(1, before + reader.facts.bytesRead);
      return { ...sample, counted: false, scale: Math.max(1, total / read) };
    }
    before += Math.max(0, reader.facts.bytesTotal);
  }
  return sample;
}

/** Without a tokenizer at hand: as many pieces as there would be passages of average length. */
function piecesOf(title: string, text: string): Pick<NewChunk, 'title' | 'section' | 'text'>[] {
  const count = Math.ceil(text.length / ELSEWHERE.passageCharacters);
  return Array.from({ length: count }, () => ({ title, section: [], text: '' }));
}

/**
 * Training compares a point with every centroid of a level; refining and coding, with those of the nearest groups.
 * Principal components are found on one thread, and vectors are projected on them twice: to code and to write them.
 */
function indexMs(recipe: Recipe, chunks: number, dimensions: number, threads: number): number {
  const written = chunks / INDEX.rows;
  if (recipe.type === 'exact') return written * 1_000;
  const { pca } = recipe;
  const compared = 2 * (pca ?? dimensions) * comparedInAll(recipe, chunks, pca ?? dimensions);
  const products = dimensions * (samplePoints(recipe, chunks) * (dimensions / 2) + 2 * chunks * (pca ?? 0));
  const projected = pca === undefined ? 0 : (2 * products) / INDEX.projecting;
  return (compared / (INDEX.flops * threads) + projected + written) * 1_000;
}

function comparedInAll(recipe: InvertedRecipe, chunks: number, dimensions: number): number {
  const { nlist } = recipe;
  const points = samplePoints(recipe, chunks);
  const coding = comparedWith(nlist) * chunks;
  if (nlist < TWO_LEVELS_FROM) return nlist * ITERATIONS * points + coding;
  const refining = refiningRounds(points, nlist, dimensions) * comparedWith(nlist) * points;
  return 2 * Math.sqrt(nlist) * ITERATIONS * points + refining + coding;
}

function verifyMs(chunks: number, dimensions: number, threads: number): number {
  const operations = 2 * dimensions * chunks * Math.min(chunks, questionsFor(chunks));
  return VERIFY_START_MS + (operations / (INDEX.flops * threads)) * 1_000;
}

/** Bytes per chunk of text and of word index in the newest finished build; undefined if it has no word index. */
async function storeBytes(data: string): Promise<{ text: number; words: number } | undefined> {
  const manifests = (await listBuilds(data)).flatMap(({ manifest }) => manifest ?? []);
  const newest = manifests.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0];
  const [text, words] = ['chunks.sqlite', 'chunks.words'].map((name) => newest?.files[name]?.bytes);
  if (newest === undefined || text === undefined || words === undefined) return undefined;
  return { text: text / newest.chunks, words: words / newest.chunks };
}

function weightsBytes({ sources }: ModelEntry): number {
  const sizes = sources.map((source) => source.files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0));
  return Math.max(0, ...sizes);
}
