/**
 * How an index of many vectors is searched, beside LanceDB on the same ones and beside the predecessor's recipe: every breadth
 * that was tried, then both sides in turns at the first breadth that reaches the target.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { quantile } from '../../core/evaluate/bootstrap.ts';
import { type IndexFacts, indexFacts } from '../../core/index/index-folder.ts';
import { type IndexSearcher, openSearcher } from '../../core/index/search/client.ts';
import { affordableLists, measure, type Truth, tune } from '../../core/index/verify.ts';
import { processesUnder } from '../../core/runtime/processes.ts';
import type { ChunkReader } from '../../core/store/chunk-store.ts';
import { openChunkReader } from '../../core/store/client.ts';
import type { SearchPreset } from '../../core/types.ts';
import { forget } from './lookups.ts';
import type { LanceBreadth, LanceSearch } from './scale-peers.ts';
import type { Table } from './table.ts';

const TARGET = 0.98;
const DEPTH = 10;
/** Turns in which both sides answer all questions. */
const ROUNDS = 3;
const LANCE_BREADTHS: LanceBreadth[] = [16, 32, 64, 128, 256].map((nprobes) => ({
  nprobes,
  refine: Math.round(nprobes / 3.2),
}));

const call = promisify(execFile);

type Row = Table['rows'][number];

/** What all questions found, and how long each took. */
interface Answers {
  ids: number[][];
  ms: number[];
}

/** Bytes that processes hold. */
interface Memory {
  /** Pages of mapped files are among them. */
  resident: number;
  anonymous: number;
}

interface Predecessor {
  who: string;
  folder: string;
  nprobe: number;
  foreign: boolean;
}

/** Questions that are asked to see whether the nearest hold their answers, in any order. */
interface AnsweredQueries {
  exact: Truth;
  /** For each question those whose chunks hold its answer. */
  rows: Set<number>[];
}

/** A fresh process over a table, the process that built it, and where its files are. */
type Lance = LanceSearch & { folder: string; builder: LanceSearch };

export interface ScaleSearch {
  /** Of our index. */
  folder: string;
  /** A chunk store with as many rows. */
  store: string;
  truth: Truth;
  lancedb: Lance | undefined;
  /** Indexes made by the predecessor's recipe. */
  predecessors: Predecessor[];
  answers: AnsweredQueries;
}

export async function searchTables(
  of: string,
  { folder, store, truth, lancedb, predecessors, answers }: ScaleSearch,
): Promise<Table[]> {
  const facts = (await indexFacts(folder)) as IndexFacts;
  const { nlist, rescored, memory } = facts;
  const tuned = await openSearcher({ folder });
  const leastLists = affordableLists(facts);
  const asked = { searcher: tuned, truth, nlist, rescored, target: TARGET, leastLists };
  const { presets, chosen } = await tune(asked).finally(() => tuned.close());
  // Afresh, as it serves: each breadth that was tried maps the lists once more.
  const searcher = await openSearcher({ folder });
  const chunks = await openChunkReader({ path: store, tokenizer: 'porter' });
  try {
    const tried = presets.map((preset) => presetRow('Footnote, best 100', preset));
    console.error(tried);
    for (const predecessor of predecessors) tried.push(await predecessorRow(predecessor, truth));
    const breadth = lancedb && (await tuneLance(lancedb, truth, tried));
    const files = [folder, store, ...(lancedb ? [lancedb.folder] : [])];
    await Promise.all(files.map(forgetAll));
    const turns: Record<'mine' | 'fresh' | 'built', Answers[]> = { mine: [], fresh: [], built: [] };
    for (let turn = 0; turn < ROUNDS; turn++) {
      turns.mine.push(await askAll(searcher, chunks, truth, chosen));
      if (lancedb === undefined || breadth === undefined) continue;
      turns.fresh.push(await lancedb.round(breadth));
    }
    const [, ...below] = await processesUnder(process.pid);
    const held = below.filter(({ name }) => name === 'index' || name === 'store');
    const own = sumOf(await Promise.all(held.map(({ pid }) => memoryOf(pid))));
    const all = Math.round((memory.mapped + memory.kept) / 1e6);
    const kept = (await cachedBytes(folder)) + (await cachedBytes(store));
    const ours = turnRow('Footnote: search, rescoring, chunks', turns.mine, truth, own, kept);
    const inTurns: Row[] = [{ ...ours, 'index in all MB': all }];
    if (lancedb !== undefined && breadth !== undefined) {
      const cached = await cachedBytes(lancedb.folder);
      const who = 'LanceDB: search, refining, ids alone';
      inTurns.push(turnRow(who, turns.fresh, truth, await memoryOf(lancedb.pid), cached));
      for (let turn = 0; turn < ROUNDS; turn++) turns.built.push(await lancedb.builder.round(breadth));
      const builder = await memoryOf(lancedb.builder.pid);
      inTurns.push(turnRow(`${who}; the process that built it`, turns.built, truth, builder, cached));
    }
    return [
      { name: `Index of ${of}: breadths, one query at a time`, rows: tried },
      {
        name: `Index of ${of}: ${answers.rows.length} questions, a chunk with the answer among the best ${DEPTH}`,
        rows: await answerRows(searcher, answers, chosen),
      },
      { name: `Index of ${of}: in turns, recall@10 of ${TARGET} or more, best ${DEPTH}`, rows: inTurns },
    ];
  } finally {
    await Promise.all([searcher.close(), chunks.close()]);
  }
}

/** How often an answer is found: by the nearest of all vectors, and by the index at a breadth. */
async function answerRows(
  searcher: IndexSearcher,
  { exact: { queries, nearest }, rows }: AnsweredQueries,
  { nprobe, candidates }: SearchPreset,
): Promise<Row[]> {
  const found = await searcher.search(queries, { k: DEPTH, nprobe, candidates });
  const share = (of: (question: number) => number[]) =>
    (
      rows.filter((right, question) => of(question).some((row) => right.has(row))).length / rows.length
    ).toFixed(4);
  const exact = share((question) => (nearest[question] ?? []).slice(0, DEPTH).map(({ row }) => row));
  const ours = share((question) => (found[question] ?? []).map(({ id }) => id));
  return [
    { who: 'exact search', lists: '', rescored: '', 'answers in top 10': exact },
    { who: 'Footnote', lists: nprobe, rescored: candidates ?? '', 'answers in top 10': ours },
  ];
}

/** Each question alone: search, rescoring, and the chunks that were found. */
async function askAll(
  searcher: IndexSearcher,
  chunks: ChunkReader,
  { queries, dimensions }: Truth,
  { nprobe, candidates }: SearchPreset,
): Promise<Answers> {
  const answers: Answers = { ids: [], ms: [] };
  for (let at = 0; at < queries.length; at += dimensions) {
    const query = queries.slice(at, at + dimensions);
    const asked = performance.now();
    const [hits = []] = await searcher.search(query, { k: DEPTH, nprobe, candidates });
    const ids = hits.map(({ id }) => id);
    await chunks.get(ids);
    answers.ms.push(performance.now() - asked);
    answers.ids.push(ids);
  }
  return answers;
}

/** The first breadth of LanceDB that reaches the target, or the largest; each that was tried becomes a row. */
async function tuneLance(
  lancedb: LanceSearch,
  truth: Truth,
  tried: Row[],
): Promise<LanceBreadth | undefined> {
  for (const breadth of LANCE_BREADTHS) {
    const { ids, ms } = await lancedb.round(breadth);
    const reached = recallAt10(ids, truth);
    const row = {
      who: 'LanceDB, best 10',
      lists: breadth.nprobes,
      rescored: breadth.refine * DEPTH,
      'recall@1': '',
    };
    tried.push({ ...row, '@10': reached.toFixed(3), '@100': '', ...percentiles(ms) });
    if (reached >= TARGET) return breadth;
  }
  return LANCE_BREADTHS.at(-1);
}

async function predecessorRow({ who, folder, nprobe, foreign }: Predecessor, truth: Truth): Promise<Row> {
  const searcher = await openSearcher({ folder, foreign });
  const found = await measure(searcher, truth, { nprobe }).finally(() => searcher.close());
  return presetRow(`${who}, best 100`, found);
}

function presetRow(who: string, preset: SearchPreset): Row {
  const { nprobe, candidates, at1, at10, at100, p50Ms, p99Ms } = preset;
  const recall = { 'recall@1': at1.toFixed(3), '@10': at10.toFixed(3), '@100': at100.toFixed(3) };
  return { who, lists: nprobe, rescored: candidates ?? '', ...recall, 'p50 ms': p50Ms, 'p99 ms': p99Ms };
}

/** `cached`: bytes of its data files that the system keeps in memory, mapped or not. */
function turnRow(
  who: string,
  turns: Answers[],
  truth: Truth,
  { resident, anonymous }: Memory,
  cached: number,
): Row {
  const recall = recallAt10(turns[0]?.ids ?? [], truth).toFixed(3);
  const times = percentiles(turns.flatMap(({ ms }) => ms));
  const memory = {
    'resident MB': Math.round(resident / 1e6),
    'without mapped files': Math.round(anonymous / 1e6),
    'its files in memory': Math.round(cached / 1e6),
  };
  return { who, 'recall@10': recall, ...times, ...memory };
}

/** Bytes of a process by Linux's count (proc(5), VmRSS and RssAnon). */
async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { resident: bytes('VmRSS'), anonymous: bytes('RssAnon') };
}

/** Bytes of all files under `path` that the system keeps in memory (util-linux's fincore). */
async function cachedBytes(path: string): Promise<number> {
  const { stdout } = await call('fincore', [
    '--bytes',
    '--noheadings',
    '--output',
    'RES',
    ...(await filesUnder(path)),
  ]);
  return stdout.split('\n').reduce((sum, bytes) => sum + Number(bytes), 0);
}

async function forgetAll(path: string): Promise<void> {
  for (const file of await filesUnder(path)) await forget(file);
}

async function filesUnder(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

const sumOf = (all: Memory[]): Memory => ({
  resident: all.reduce((sum, { resident }) => sum + resident, 0),
  anonymous: all.reduce((sum, { anonymous }) => sum + anonymous, 0),
});

/** Share of the true nearest ten that was found; one that ties with the tenth counts as one of them. */
function recallAt10(ids: number[][], { nearest }: Truth): number {
  const found = nearest.map((exact, query) => {
    const least = (exact[DEPTH - 1]?.score ?? 0) - 1e-5;
    const among = new Set(exact.filter(({ score }) => score >= least).map(({ row }) => row));
    return (ids[query] ?? []).filter((id) => among.has(id)).length / DEPTH;
  });
  return found.reduce((sum, share) => sum + share, 0) / found.length;
}

function percentiles(ms: number[]) {
  const sorted = [...ms].sort((a, b) => a - b);
  const part = (share: number) => Math.round(quantile(sorted, share) * 100) / 100;
  return { 'p50 ms': part(0.5), 'p99 ms': part(0.99) };
}
