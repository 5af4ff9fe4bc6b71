/**
 * What a build costs those who ask meanwhile: the same questions to a small build, alone, beside the runner of another build while it
 * embeds, and alone again.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../../core/evaluate/bootstrap.ts';
import {
  type AskProcess,
  followRun,
  openAskProcess,
  type Settings,
  startBuildRunner,
  wantOfBuild,
} from '../../core/index.ts';
import { towns } from '../fixtures/almanac.ts';
import { SHARED } from '../fixtures/shared-data.ts';
import { realWeights } from '../fixtures/weights.ts';
import { withAlmanac } from './almanac-build.ts';
import type { Table } from './table.ts';

const EMBEDDING = 'bge-small-en-v1.5';
/** Without it `default` reads nothing again and takes no time. */
const RERANKER = 'ms-marco-MiniLM-L-12-v2';
const CORPUS = join(SHARED, 'wikipedia-2019/articles-1k-000.jsonl.gz');
const TOWNS = towns(100);
const QUESTIONS = 60;
const OTHER = 'beside';

export async function run(): Promise<Table[]> {
  const weights = [await realWeights(EMBEDDING), await realWeights(RERANKER)];
  const missing =
    weights.find((one) => typeof one === 'string') ??
    (existsSync(CORPUS) ? undefined : `${CORPUS} is not there`);
  const name = `Questions beside a build: \`default\`, quotes, ${QUESTIONS} questions one after another`;
  if (missing !== undefined) return [{ name, rows: [{ 'left out': missing }] }];
  return [{ name, rows: await withAlmanac(TOWNS, EMBEDDING, beside) }];
}

async function beside(settings: Settings): Promise<Table['rows']> {
  const core = await openAskProcess(settings);
  await askAll(core);
  const before = await askAll(core);
  await startBuildRunner({ sources: [CORPUS], name: OTHER }, settings);
  const run = followRun(settings.data, OTHER);
  const embedded = await untilEmbedding(run);
  const began = performance.now();
  const during = await askAll(core);
  const seconds = (performance.now() - began) / 1_000;
  const chunks = (await embeddedBy(run)) - embedded;
  await wantOfBuild(settings.data, OTHER, 'cancel');
  while ((await run.read()).alive) await delay(100);
  const after = await askAll(core);
  await core.close();
  const alone = [...before, ...after].sort((a, b) => a - b);
  const row = (what: string, times: number[]) => ({
    what,
    'p50 ms': Math.round(quantile(times, 0.5)),
    'p95 ms': Math.round(quantile(times, 0.95)),
  });
  return [
    { ...row('alone', alone), 'chunks embedded/s meanwhile': '' },
    { ...row('beside a build', during), 'chunks embedded/s meanwhile': Math.round(chunks / seconds) },
    {
      what: 'ratio (at most 2 is wanted of p95)',
      'p50 ms': (quantile(during, 0.5) / quantile(alone, 0.5)).toFixed(2),
      'p95 ms': (quantile(during, 0.95) / quantile(alone, 0.95)).toFixed(2),
      'chunks embedded/s meanwhile': '',
    },
  ];
}

/** Milliseconds of each question, ascending. */
async function askAll(core: AskProcess): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < QUESTIONS; n += 1) {
    const asked = performance.now();
    const events = core.ask({ question: `Who founded ${TOWNS[n % TOWNS.length]?.title}?` });
    while (!(await events.next()).done);
    times.push(performance.now() - asked);
  }
  return times.sort((a, b) => a - b);
}

type Run = ReturnType<typeof followRun>;

async function untilEmbedding(run: Run): Promise<number> {
  for (;;) {
    const done = await embeddedBy(run);
    if (done > 0) return done;
    await delay(200);
  }
}

/** Chunks embedded by now, as the journal has it; 0 before the first. */
async function embeddedBy(run: Run): Promise<number> {
  const { entries, alive } = await run.read();
  if (!alive) throw new Error('the build beside ended');
  const told = entries.findLast((entry) => entry.type === 'stage-progress' && entry.stage === 'embed');
  return told?.type === 'stage-progress' ? told.done : 0;
}
