/**
 * Others' indexes beside ours, each in a process of its own and installed into a folder that is thrown away with the rest of the
 * system's temporary files. A peer that cannot be had throws one sentence that says why.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { venvWith } from '../fixtures/venv.ts';

const PEERS = join(tmpdir(), 'footnote-bench-peers');
const SCRIPTS = resolve('test/bench/peers');
const FAISS = ['faiss-cpu==1.15.1', 'numpy'];
/** The last LanceDB that Node 20 runs. */
const LANCEDB = ['@lancedb/lancedb@0.27.2', 'apache-arrow@18.1.0'];
const HNSWLIB = ['hnswlib-node@3.0.0'];
const LEVEL = ['classic-level@3.0.0'];
/** Without what its dependencies run at installation: faiss-node is the project's own. */
const LANGCHAIN = [
  '--ignore-scripts',
  '--legacy-peer-deps',
  '@langchain/community@1.1.29',
  '@langchain/core',
];
/** What one row of the table may take. */
const MOST_MS = 20 * 60_000;

const call = promisify(execFile);

interface Timed {
  seconds: number;
  processorSeconds: number;
}

export interface FaissFigures {
  version: string;
  train: Timed;
  add: Timed;
  /** Bytes. */
  peak: number;
  /** Mean squared distance of a vector from what its code says. */
  error: number;
}

/** faiss-cpu over a raw file of vectors; with `kept`, by distance (L2), and written there with that nprobe. */
export async function runFaiss(
  vectors: string,
  dimensions: number,
  recipe: string,
  threads: number,
  kept?: { path: string; nprobe: number },
): Promise<FaissFigures> {
  const python = await venvWith('faiss', FAISS);
  const args = [join(SCRIPTS, 'faiss_index.py'), vectors, String(dimensions), recipe, String(threads)];
  if (kept !== undefined) args.push(kept.path, String(kept.nprobe));
  // Threads that wait sleep, so that its processor time is work even where the machine is busy.
  return lastLine(
    await limited(python, args, { OMP_NUM_THREADS: String(threads), OMP_WAIT_POLICY: 'passive' }),
  );
}

export interface LanceFigures {
  insertSeconds: number;
  indexSeconds: number;
  processorSeconds: number;
  peak: number;
}

/** What LanceDB finds for all queries at one breadth. */
export interface LanceRound {
  ids: number[][];
  /** Of each query. */
  ms: number[];
}

export interface LanceBreadth {
  nprobes: number;
  /** Candidates that are rescored, for each one wanted. */
  refine: number;
}

/** A process that searches a table. */
export interface LanceSearch {
  pid: number;
  round(breadth: LanceBreadth): Promise<LanceRound>;
  stop(): Promise<void>;
}

export interface LanceTable {
  /** Holds LanceDB's files. */
  folder: string;
  /** Raw file of the queries that each round asks. */
  queries: string;
  dimensions: number;
}

/** Fills a table from a raw file of vectors and indexes it; its process then searches. */
export async function buildLance(
  table: LanceTable,
  vectors: string,
  partitions: number,
  parts: number,
): Promise<{ figures: LanceFigures; builder: LanceSearch }> {
  const { next, ...builder } = await startLance('build', table, [vectors, partitions, parts]);
  const late = setTimeout(() => process.kill(builder.pid, 'SIGKILL'), MOST_MS);
  const figures = await next<LanceFigures>().finally(() => clearTimeout(late));
  return { figures, builder };
}

/** A fresh process that searches that table. */
export async function searchLance(table: LanceTable): Promise<LanceSearch> {
  const { next: _, ...search } = await startLance('search', table, []);
  return search;
}

async function startLance(
  mode: 'build' | 'search',
  { folder, queries, dimensions }: LanceTable,
  more: (string | number)[],
) {
  const script = await nodePeer('lancedb', LANCEDB);
  const args = [script, mode, folder, queries, dimensions, ...more].map(String);
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const next = async <Answer>(): Promise<Answer> => {
    const answer = await lines.next();
    if (answer.done) throw new Error('it ended without an answer');
    return JSON.parse(answer.value) as Answer;
  };
  return {
    next,
    pid: child.pid ?? 0,
    round(breadth: LanceBreadth): Promise<LanceRound> {
      child.stdin?.write(`${JSON.stringify(breadth)}\n`);
      return next<LanceRound>();
    },
    async stop(): Promise<void> {
      child.stdin?.end();
      await gone;
    },
  };
}

/** What a peer takes that holds a raw file of vectors in memory. */
export interface HeldFigures {
  rows: number;
  seconds: number;
  bytes: number;
  /** Of a search. */
  p50Ms?: number;
}

export async function runHnswlib(vectors: string, dimensions: number): Promise<HeldFigures> {
  const script = await nodePeer('hnswlib', HNSWLIB);
  return lastLine(await limited(process.execPath, [script, vectors, String(dimensions)]));
}

/** LangChain.js's FaissStore, with texts of so many characters. */
export async function runLangchain(
  vectors: string,
  dimensions: number,
  characters: number,
): Promise<HeldFigures> {
  const script = await nodePeer('langchain', LANGCHAIN);
  const ours = join(dirname(script), 'node_modules', 'faiss-node');
  await rm(ours, { recursive: true, force: true });
  await symlink(resolve('node_modules/faiss-node'), ours);
  return lastLine(
    await limited(process.execPath, [
      '--expose-gc',
      script,
      vectors,
      ...[dimensions, characters].map(String),
    ]),
  );
}

export interface LevelFigures {
  seconds: number;
  /** Milliseconds of each lookup. */
  cold: number[];
  warm: number[];
}

/** LevelDB with as many of the same chunks, as JSON, in `folder`. */
export async function runLevel(
  folder: string,
  asked: Record<'rows' | 'characters' | 'cold' | 'warm', number>,
): Promise<LevelFigures> {
  const script = await nodePeer('level', LEVEL);
  const own = (name: string) => new URL(name, import.meta.url).href;
  const modules = { chunks: own('../fixtures/chunks.js'), lookups: own('lookups.js') };
  return lastLine(
    await limited(process.execPath, [script, JSON.stringify({ folder, ...asked, ...modules })]),
  );
}

/** Installs packages of npm beside a script of ours; gives the script. */
async function nodePeer(name: string, packages: string[]): Promise<string> {
  const folder = join(PEERS, name);
  await once(name, async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    await call('npm', ['install', '--no-audit', '--no-fund', '--silent', ...packages], { cwd: folder });
  });
  const script = join(folder, `${name}.mjs`);
  await copyFile(join(SCRIPTS, `${name}.mjs`), script); // it resolves packages from where it lies
  return script;
}

async function once(name: string, install: () => Promise<void>): Promise<void> {
  const installed = join(PEERS, `${name}.installed`);
  if (existsSync(installed)) return;
  await mkdir(PEERS, { recursive: true });
  await install().catch((error) => {
    throw new Error(`it could not be installed (${String(error).trim().split('\n').at(-1)?.slice(0, 200)})`);
  });
  await writeFile(installed, '');
}

async function limited(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  try {
    const { stdout } = await call(program, args, { timeout: MOST_MS, env: { ...process.env, ...env } });
    return stdout;
  } catch (error) {
    if ((error as { killed?: boolean }).killed) throw new Error(`not done after ${MOST_MS / 60_000} minutes`);
    const said = String(error).split('\n');
    throw new Error((said.findLast((line) => /Error/.test(line)) ?? said.at(-1))?.slice(0, 200));
  }
}

function lastLine<Answer>(output: string): Answer {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Answer;
}
