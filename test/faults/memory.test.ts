import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asJsonl, towns } from '../fixtures/almanac.ts';
import { SHARED } from '../fixtures/shared-data.ts';
import { realWeights, without } from '../fixtures/weights.ts';

const ARTICLES = join(SHARED, 'wikipedia-2019');
const SAMPLE_MS = 50;
const MB = 1_000;

const linux = existsSync('/proc/self/task');
const model = await realWeights('all-MiniLM-L6-v2');
const wikipedia = existsSync(ARTICLES)
  ? readdirSync(ARTICLES)
      .filter((name) => name.startsWith('articles-10k'))
      .map((name) => join(ARTICLES, name))
  : [];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-memory-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Measured {
  articles: number;
  chunks: number;
  ms: number;
  /** Largest resident memory of the program and all that it started, in kB: at all, in the second quarter of its time, in the last. */
  peak: number;
  early: number;
  late: number;
}

/** Reads, cuts and stores `limit` articles in a process of its own. */
async function readArticles(limit: number, sources: string[]): Promise<Measured> {
  if (typeof model === 'string') throw new Error(model);
  const program = join(import.meta.dirname, '../fixtures/read-stage.ts');
  const store = join(folder, `${limit}.sqlite`);
  const args = ['--import', 'tsx', program, model.folder, store, String(limit), ...sources];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(treeMemory(child.pid as number)), SAMPLE_MS);
  const peak = (from: number, to: number) =>
    samples.slice(samples.length * from, samples.length * to).reduce((most, one) => Math.max(most, one), 0);
  try {
    const output = await new Response(child.stdout as unknown as ReadableStream).text();
    const said = JSON.parse(output) as Pick<Measured, 'articles' | 'chunks' | 'ms'>;
    return { ...said, peak: peak(0, 1), early: peak(1 / 4, 1 / 2), late: peak(3 / 4, 1) };
  } finally {
    clearInterval(sampling);
  }
}

/** Resident memory of a process and its descendants now, in kB (https://man7.org/linux/man-pages/man5/proc.5.html). */
function treeMemory(pid: number): number {
  try {
    const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return children.reduce((sum, child) => sum + treeMemory(Number(child)), resident);
  } catch {
    return 0; // gone meanwhile
  }
}

function tell(what: string, { articles, chunks, ms, peak, early, late }: Measured): void {
  const rate = Math.round(chunks / (ms / 1_000));
  const [most, second, last] = [peak, early, late].map((kB) => Math.round(kB / MB));
  console.log(
    `${what}: ${articles} articles, ${chunks} chunks, ${rate} chunks/s; peak ${most} MB, in the second quarter ${second} MB, in the last ${last} MB`,
  );
}

/** Caches fill up to their settings in the beginning; from then on nothing may grow. */
function expectFlat(few: Measured, many: Measured): void {
  expect(many.late).toBeLessThan(1.15 * many.early);
  expect(many.peak).toBeLessThan(1.6 * few.peak);
}

const skipped = `${without(model)}${linux ? '' : ' (skipped without /proc)'}`;

it.skipIf(typeof model === 'string' || !linux || wikipedia.length === 0)(
  `memory stops growing while 10,000 Wikipedia articles are read, cut and stored, near where it is after 1,000${skipped}${wikipedia.length > 0 ? '' : ` (skipped without ${ARTICLES})`}`,
  async () => {
    const few = await readArticles(1_000, wikipedia);
    tell('Wikipedia', few);
    const many = await readArticles(10_000, wikipedia);
    tell('Wikipedia', many);
    expect(many.articles).toBeGreaterThan(9_900); // a few of the pages hold no prose
    expectFlat(few, many);
  },
);

it.skipIf(typeof model === 'string' || !linux)(
  `so it does over 60,000 short articles of our own, near where it is after 6,000${skipped}`,
  async () => {
    const source = join(folder, 'towns.jsonl');
    await writeFile(source, asJsonl(towns(60_000, 8)));
    const few = await readArticles(6_000, [source]);
    tell('almanac', few);
    const many = await readArticles(60_000, [source]);
    tell('almanac', many);
    expect(many.chunks).toBe(10 * few.chunks);
    expectFlat(few, many);
  },
);
