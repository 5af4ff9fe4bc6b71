/**
 * Right answers among the first passages: questions of SQuAD over the articles of one build, by method.
 * A hit is right where the chunk belongs to the gold article and contains one of the answers (case folded, spaces collapsed).
 *
 * The build is made first where it is not there (about 15 minutes on 2 cores); FOOTNOTE_DATA says where it lies.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { build, listBuilds, openSession, readSettings, search } from '../../core/index.ts';
import type { Table } from './table.ts';

const SHARED = resolve('../shared/data');
const BUILD = 'articles-1k';
const METHODS = ['dense', 'keyword', 'hybrid'];
const SOME = 100;

interface Question {
  qid: string;
  question: string;
  answers: string[];
  gold_article_id: number;
  in_1k: boolean;
  answer_in_article: boolean;
  unanswerable: boolean;
}

/** Recall@1, @10 and MRR@10 over 100 evenly spread questions, or over all of them with `ALL` as the first argument. */
export async function run(all = process.argv.includes('all')): Promise<Table[]> {
  const file = join(SHARED, 'questions/over-wikipedia-2019/qa.jsonl.gz');
  if (!existsSync(file))
    return [{ name: 'Retrieval', rows: [{ method: 'left out: ../shared/data is not there' }] }];
  const known = questions(file);
  const asked = all
    ? known
    : Array.from({ length: SOME }, (_, i) => known[Math.floor((i * known.length) / SOME)] as Question);
  const { settings } = readSettings({ build: BUILD });
  const builds = await listBuilds(settings.data);
  if (!builds.some(({ name, whole }) => name === BUILD && whole)) await makeBuild(settings);

  const session = await openSession(settings);
  try {
    const rows: Table['rows'] = [];
    for (const method of METHODS) rows.push(await measure(session, method, asked));
    return [
      { name: `Right answers among the first passages, ${asked.length} questions, build ${BUILD}`, rows },
    ];
  } finally {
    await session.close();
  }
}

async function measure(session: Awaited<ReturnType<typeof openSession>>, method: string, asked: Question[]) {
  const ranks: (number | undefined)[] = [];
  const times: number[] = [];
  for (const { question, answers, gold_article_id } of asked) {
    const { hits, timings } = await search(session, { question, method, k: 10 });
    times.push(timings.totalMs);
    const wanted = answers.map(folded);
    const right = hits.find(
      ({ chunk }) =>
        chunk.articleId === String(gold_article_id) &&
        wanted.some((answer) => folded(chunk.text).includes(answer)),
    );
    ranks.push(right?.rank);
  }
  times.sort((a, b) => a - b);
  const share = (score: (rank: number | undefined) => number) =>
    (ranks.map(score).reduce((sum, value) => sum + value, 0) / ranks.length).toFixed(3);
  return {
    method,
    'recall@1': share((rank) => (rank === 1 ? 1 : 0)),
    'recall@10': share((rank) => (rank === undefined ? 0 : 1)),
    'MRR@10': share((rank) => (rank === undefined ? 0 : 1 / rank)),
    'p50 ms': (times[times.length >> 1] ?? 0).toFixed(1),
    'p95 ms': (times[Math.floor(times.length * 0.95)] ?? 0).toFixed(1),
  };
}

/** Each question once, with its answer in an article of the build. */
function questions(file: string): Question[] {
  const seen = new Set<string>();
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Question)
    .filter(({ in_1k, answer_in_article, unanswerable, question }) => {
      if (!in_1k || !answer_in_article || unanswerable || seen.has(question)) return false;
      seen.add(question);
      return true;
    });
}

async function makeBuild(settings: Parameters<typeof build>[1]): Promise<void> {
  const folder = join(SHARED, 'wikipedia-2019');
  const sources = readdirSync(folder)
    .filter((name) => name.startsWith('articles-1k'))
    .map((name) => join(folder, name));
  for await (const event of build({ sources: sources.sort(), name: BUILD }, settings))
    if (event.type === 'stage-end')
      console.error(`${event.stage}: ${event.done}, ${Math.round(event.ms / 1_000)} s`);
}

function folded(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
