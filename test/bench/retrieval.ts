/**
 * The named runs behind the figures of retrieval in README and docs: SQuAD's questions over whole articles, by method.
 *
 *   npm run bench -- retrieval            100 questions of articles-1k, a sample like the whole
 *   npm run bench -- retrieval all        all 1,302 of them: rows with in_1k and answer_in_article, each question once
 *   npm run bench -- retrieval all 10k    all 3,305 of articles-10k
 *   npm run bench -- retrieval open       a sample of the questions of open-questions.ts, about articles-1k; `all open` all of them
 *   npm run bench -- retrieval METHOD …   those methods or plans instead of every one that needs no language model
 *
 * A build is made first where it is not there (articles-1k: about 15 minutes on 2 cores); FOOTNOTE_DATA says where it lies. Beside the
 * tables, the whole report lies in reports/retrieval-BUILD of the data folder.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  build,
  type Evaluation,
  evaluate,
  listBuilds,
  METHODS,
  openSession,
  readSettings,
  reportOf,
  writeReport,
} from '../../core/index.ts';
import { SHARED } from '../fixtures/shared-data.ts';
import { openQuestions } from './open-questions.ts';
import { QUESTION_SET } from './questions.ts';
import type { Table } from './table.ts';

const SOME = 100;
const WORDS = ['retrieval', 'all', '10k', 'open'];

export async function run(args = process.argv.slice(2)): Promise<Table[]> {
  if (!existsSync(QUESTION_SET))
    return [{ name: 'Retrieval', rows: [{ method: 'left out: ../shared/data is not there' }] }];
  const size = args.includes('10k') ? '10k' : '1k';
  const name = `articles-${size}`;
  const { settings } = readSettings({ build: name });
  const builds = await listBuilds(settings.data);
  if (!builds.some((one) => one.name === name && one.whole)) await makeBuild(name, settings);

  const open = args.includes('open');
  const set = open ? await openQuestions(join(settings.data, 'cache')) : QUESTION_SET;
  const session = await openSession(settings, { keepRewrites: true });
  try {
    const asked = args.includes('retrieval') ? args.filter((word) => !WORDS.includes(word)) : [];
    const running = evaluate(session, {
      sets: [set],
      where: `in_${size},answer_in_article`,
      methods: asked.length > 0 ? asked : withoutLanguageModel(),
      limit: args.includes('all') ? undefined : SOME,
    });
    let step = await running.next();
    for (; !step.done; step = await running.next())
      if (step.value.type === 'method-start') console.error(`${step.value.method}: ${step.value.plan}`);
    const { evaluation, asked: rows } = step.value;
    const report = await reportOf(evaluation, rows, async (ids) => (await session.chunks()).get(ids));
    await writeReport(join(settings.data, 'reports', `retrieval-${name}${open ? '-open' : ''}`), report);
    return [tableOf(evaluation)];
  } finally {
    await session.close();
  }
}

function withoutLanguageModel(): string[] {
  return Object.entries(METHODS)
    .filter(([, { plan }]) => !/hyde|step-back|variants|^none$/.test(plan))
    .map(([name]) => name);
}

function tableOf({ build: name, questions, titles, methods }: Evaluation): Table {
  const interval = (of: [number, number]) => of.map((value) => value.toFixed(3)).join('–');
  return {
    name: `Right answers among the first passages, ${questions} questions about ${titles} articles, build ${name}`,
    rows: methods.map((one) => ({
      method: one.method,
      'recall@1': one.recallAt1.toFixed(3),
      '95 %': interval(one.ci95.recallAt1),
      '@3': one.recallAt3.toFixed(3),
      '@10': one.recallAt10.toFixed(3),
      '95 % ': interval(one.ci95.recallAt10),
      '@20': one.recallAt20.toFixed(3),
      '@100': one.recallAt100.toFixed(3),
      'MRR@10': one.mrrAt10.toFixed(3),
      '95 %  ': interval(one.ci95.mrrAt10),
      'p50 ms': one.p50Ms.toFixed(1),
      'p95 ms': one.p95Ms.toFixed(1),
    })),
  };
}

async function makeBuild(name: string, settings: Parameters<typeof build>[1]): Promise<void> {
  const folder = join(SHARED, 'wikipedia-2019');
  const sources = readdirSync(folder)
    .filter((file) => file.startsWith(`${name}-`))
    .map((file) => join(folder, file));
  for await (const event of build({ sources: sources.sort(), name }, settings))
    if (event.type === 'stage-end')
      console.error(`${event.stage}: ${event.done}, ${Math.round(event.ms / 1_000)} s`);
}
