/**
 * What an index takes to make and to search, beside others: the vectors of the build `articles-1k` alone, then a million made out
 * of them. Numbers of vectors and names of parts (`faiss`, `search`, `predecessor`, `lancedb`,
 * `hnswlib`, `langchain`) as arguments choose some of it, and a recipe (`IVF…`) replaces that of a size:
 * `npm run bench -- index-scale 200000 lancedb`. Questions are SQuAD's over the same articles.
 */
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedder } from '../../core/embed/client.ts';
import { shardVectors } from '../../core/embed/shard-vectors.ts';
import { buildIndex } from '../../core/index/build-index.ts';
import { bytesOf } from '../../core/index/format/faiss-format.ts';
import { INDEX_FILE } from '../../core/index/index-folder.ts';
import { parseRecipe } from '../../core/index/recipe.ts';
import { openTrainer } from '../../core/index/train/trainer.ts';
import { allVectors, rawFileVectors } from '../../core/index/vector-sources.ts';
import type { VectorSource } from '../../core/index/vectors.ts';
import { exactNearest } from '../../core/index/verify.ts';
import { readManifest, readSettings } from '../../core/index.ts';
import { installedEmbedding } from '../../core/models/for-build.ts';
import { processesUnder } from '../../core/runtime/processes.ts';
import { buildPaths, readPlan } from '../../core/store/build-folder.ts';
import { openChunkReader } from '../../core/store/client.ts';
import { derivedVectors } from '../fixtures/derived.ts';
import { searchTables } from './index-scale-search.ts';
import { writeChunks } from './lookups.ts';
import { answersIt, BUILD, NO_DATA, type Question, questions, sample } from './questions.ts';
import {
  buildLance,
  type HeldFigures,
  type LanceSearch,
  type LanceTable,
  runFaiss,
  runHnswlib,
  runLangchain,
  searchLance,
} from './scale-peers.ts';
import type { Table } from './table.ts';

const THREADS = 2;
const QUESTIONS = 200;
const MILLION = 1_000_000;
/** From so many vectors on as many lists as for a million. */
const LARGE = 100_000;
const WATCH_MS = 500;
const CHUNK_CHARACTERS = 430;
const READ_ROWS = 4_096;
const PARTS = ['faiss', 'search', 'predecessor', 'lancedb', 'hnswlib', 'langchain'];
/** The predecessor's lists visited, and its lists: of the tenth that it trains on. */
const BEFORE = { nprobe: 100, nlist: (rows: number) => Math.floor(8 * Math.sqrt(rows / 10)) };
const LANCE = { partitions: 1024, parts: 64 };

type Row = Table['rows'][number];

export async function run(args = process.argv.slice(2)): Promise<Table[]> {
  const real = await realVectors();
  if (typeof real === 'string') return [{ name: 'Index at scale', rows: [{ what: `left out: ${real}` }] }];
  const sizes = args.filter((word) => /^\d+$/.test(word)).map(Number);
  const named = PARTS.filter((part) => args.includes(part));
  const parts = named.length > 0 ? named : PARTS;
  const recipe = args.find((word) => word.startsWith('IVF'));
  const tables: Table[] = [];
  for (const rows of sizes.length > 0 ? sizes : [real.numbers.length / real.dimensions, MILLION]) {
    const folder = await mkdtemp(join(tmpdir(), 'footnote-bench-'));
    try {
      tables.push(...(await atSize(rows, real, folder, parts, recipe ?? recipeFor(rows))));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return tables;
}

interface Real {
  numbers: Float32Array;
  /** Row-major, as many rows as questions. */
  queries: Float32Array;
  dimensions: number;
  /** All questions, and for each the rows whose chunks hold its answer. */
  answers: { queries: Float32Array; rows: Set<number>[] };
}

/** The vectors of a build, and those of questions over it; or why there are none. */
async function realVectors(): Promise<Real | string> {
  const known = questions();
  if (known === undefined) return NO_DATA;
  const { settings } = readSettings();
  try {
    const { chunks: rows, model, modelFolder } = await readManifest(settings.data, BUILD);
    const paths = buildPaths(settings.data, BUILD);
    const shardRows = (await readPlan(paths))?.shardRows ?? 0;
    const { dimensions } = model;
    const source = shardVectors({ folder: paths.shards, rows, shardRows, dimensions });
    const numbers = new Float32Array(rows * dimensions);
    for await (const { firstRow, vectors } of allVectors(source)) numbers.set(vectors, firstRow * dimensions);
    const installed = await installedEmbedding(settings, model, modelFolder);
    const embedder = await openEmbedder({
      model: installed,
      embedProcesses: 1,
      threads: THREADS,
      device: 'cpu',
    });
    const ordered = sample(known, known.length);
    const asked = ordered.map(({ question }) => question);
    const all = await embedder.embed(asked, 'query');
    await embedder.close();
    const answers = { queries: all, rows: await rowsThatAnswer(paths.chunks, ordered) };
    return { numbers, queries: all.slice(0, QUESTIONS * dimensions), dimensions, answers };
  } catch (error) {
    return `there is no build "${BUILD}" to take vectors from (${(error as Error).message})`;
  }
}

/** For each question the rows of the chunks that hold its answer. */
async function rowsThatAnswer(store: string, asked: Question[]): Promise<Set<number>[]> {
  const found = asked.map(() => new Set<number>());
  const chunks = await openChunkReader({ path: store, tokenizer: 'porter' });
  const rows = await chunks.count();
  for (let from = 0; from < rows; from += READ_ROWS)
    for (const chunk of await chunks.range(from, from + READ_ROWS))
      for (const [place, question] of asked.entries())
        if (answersIt(chunk, question)) found[place]?.add(chunk.id);
  await chunks.close();
  return found;
}

const recipeFor = (rows: number) => (rows < LARGE ? 'IVF1024,PQ64' : 'IVF4096,PQ64');

async function atSize(
  rows: number,
  real: Real,
  folder: string,
  parts: string[],
  recipe: string,
): Promise<Table[]> {
  const { dimensions, queries } = real;
  const path = join(folder, 'vectors.f32');
  await writeVectors(derivedVectors(real.numbers, dimensions, rows), path);
  const queriesPath = join(folder, 'queries.f32');
  await writeFile(queriesPath, bytesOf(queries));
  const vectors = rawFileVectors({ path, rows, dimensions });
  const of = `${rows.toLocaleString('en-US')} x ${dimensions}`;
  const index = join(folder, 'index');

  const made: Row[] = [await make(vectors, index, recipe)];
  console.error(made[0]);
  if (parts.includes('faiss')) made.push(await makeFaiss(path, dimensions, recipe));
  const lance: LanceTable = { folder: join(folder, 'lance'), queries: queriesPath, dimensions };
  let lanceBuilder: LanceSearch | undefined;
  if (parts.includes('lancedb') && rows >= LARGE) {
    const { row, builder } = await makeLance(path, lance);
    made.push(row);
    lanceBuilder = builder;
  }
  console.error(made);
  const tables: Table[] = [{ name: `Index of ${of}: making, ${THREADS} threads`, rows: made }];

  const predecessor = parts.includes('predecessor');
  if (parts.includes('search') || predecessor || lanceBuilder) {
    const store = join(folder, 'chunks.sqlite');
    const kernel = openTrainer({ threads: THREADS });
    const truth = await exactNearest({ kernel, vectors, queries });
    const exact = await exactNearest({ kernel, vectors, queries: real.answers.queries });
    await kernel.close();
    await writeChunks(store, rows, CHUNK_CHARACTERS);
    const lancedb = lanceBuilder && {
      ...(await searchLance(lance)),
      folder: lance.folder,
      builder: lanceBuilder,
    };
    const predecessors = predecessor ? await makePredecessors(path, vectors) : [];
    const answers = { exact, rows: real.answers.rows };
    tables.push(...(await searchTables(of, { folder: index, store, truth, lancedb, predecessors, answers })));
    await Promise.all([lancedb?.stop(), lanceBuilder?.stop()]);
  }
  const held = rows >= LARGE && rows < MILLION ? await heldInMemory(path, dimensions, parts) : [];
  if (held.length > 0) tables.push({ name: `What holds ${of} in memory`, rows: held });
  return tables;
}

async function heldInMemory(path: string, dimensions: number, parts: string[]): Promise<Row[]> {
  const rows: Row[] = [];
  if (parts.includes('hnswlib'))
    rows.push(await inMemory('hnswlib-node, its defaults', () => runHnswlib(path, dimensions)));
  if (parts.includes('langchain')) {
    const who = `LangChain.js FaissStore, texts of ${CHUNK_CHARACTERS} characters`;
    rows.push(await inMemory(who, () => runLangchain(path, dimensions, CHUNK_CHARACTERS)));
  }
  return rows;
}

async function writeVectors(vectors: VectorSource, path: string): Promise<void> {
  const file = await open(path, 'w');
  for await (const block of allVectors(vectors)) await file.writeFile(bytesOf(block.vectors));
  await file.close();
}

/** One row of the table of making; a peer that could not be had says why. */
const made = (
  who: string,
  figures: { train: number; encode: number; processor: number; peak: number; error?: number },
): Row => ({
  who,
  train: round(figures.train),
  encode: round(figures.encode),
  'seconds in all': round(figures.train + figures.encode),
  'processor seconds': round(figures.processor),
  'peak MB': Math.round(figures.peak / 1e6),
  'mean squared error': figures.error?.toFixed(5) ?? '',
  'machine load': round(loadavg()[0] ?? 0),
});
const leftOut = (who: string, error: unknown): Row => ({
  who: `${who} left out: ${(error as Error).message}`,
  train: '',
});

async function make(vectors: VectorSource, folder: string, recipe: string): Promise<Row> {
  const before = await whatRuns();
  let peak = 0;
  let processor = 0;
  const watch = async () => {
    const now = await whatRuns();
    peak = Math.max(peak, now.memory);
    processor = Math.max(processor, now.cpuMs - before.cpuMs); // a process that ends takes its time with it
  };
  const timer = setInterval(() => void watch(), WATCH_MS);
  const began = performance.now();
  let trained = began;
  let error = 0;
  for await (const event of buildIndex({ vectors, folder, recipe: parseRecipe(recipe), threads: THREADS })) {
    if (event.type === 'codebook-progress') trained = performance.now();
    if (event.type === 'assign-progress') error = event.error;
  }
  const ended = performance.now();
  await watch();
  clearInterval(timer);
  const [train, encode] = [(trained - began) / 1000, (ended - trained) / 1000];
  return made(`Footnote, ${recipe}, written`, { train, encode, processor: processor / 1000, peak, error });
}

/** Of this process and all below it. */
async function whatRuns(): Promise<{ memory: number; cpuMs: number }> {
  const all = await processesUnder(process.pid);
  return {
    memory: all.reduce((sum, { memory }) => sum + memory, 0),
    cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}

async function makeFaiss(path: string, dimensions: number, recipe: string): Promise<Row> {
  try {
    const { version, train, add, peak, error } = await runFaiss(path, dimensions, recipe, THREADS);
    const processor = train.processorSeconds + add.processorSeconds;
    const figures = { train: train.seconds, encode: add.seconds, processor, peak, error };
    return made(`faiss-cpu ${version}, ${recipe}, in memory`, figures);
  } catch (error) {
    return leftOut('faiss-cpu', error);
  }
}

/**
 * Indexes by the predecessor's recipe, trained on all vectors where it took a tenth: ours by inner product, and that of faiss-cpu
 * by distance, as it was, where that can be had.
 */
async function makePredecessors(path: string, vectors: VectorSource) {
  const { nprobe } = BEFORE;
  const recipe = `PCA64,IVF${BEFORE.nlist(vectors.rows)},Flat`;
  const [ours, theirs] = [join(path, '../predecessor'), join(path, '../predecessor-faiss')];
  for await (const _ of buildIndex({
    vectors,
    folder: ours,
    recipe: parseRecipe(recipe),
    threads: THREADS,
  }));
  const made = [{ who: `${recipe} of ours`, folder: ours, nprobe, foreign: false }];
  await mkdir(theirs);
  const kept = { path: join(theirs, INDEX_FILE), nprobe };
  return runFaiss(path, vectors.dimensions, recipe, THREADS, kept).then(
    () => [...made, { who: `${recipe} (L2) of faiss-cpu`, folder: theirs, nprobe, foreign: true }],
    () => made,
  );
}

async function makeLance(path: string, table: LanceTable): Promise<{ row: Row; builder?: LanceSearch }> {
  try {
    const { partitions, parts } = LANCE;
    const { figures, builder } = await buildLance(table, path, partitions, parts);
    const { insertSeconds, indexSeconds, processorSeconds: processor, peak } = figures;
    const who = `LanceDB, IVF_PQ ${partitions} x ${parts}; insert under "encode"`;
    return { row: made(who, { train: indexSeconds, encode: insertSeconds, processor, peak }), builder };
  } catch (error) {
    return { row: leftOut('LanceDB', error) };
  }
}

/** Of a peer that holds all vectors in memory; with the median of its searches, where it was asked. */
async function inMemory(who: string, run: () => Promise<HeldFigures>): Promise<Row> {
  try {
    const { rows, seconds, bytes, p50Ms } = await run();
    return {
      who,
      seconds: round(seconds),
      'bytes a vector': Math.round(bytes / rows),
      'p50 ms': p50Ms === undefined ? '' : round(p50Ms),
    };
  } catch (error) {
    return leftOut(who, error);
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
