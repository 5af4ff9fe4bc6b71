/**
 * Whether the last of `best`'s ten places are better kept for what the cross-encoder put lower: the best ones of another step that
 * are not among the first. From the kept rows of `best` over articles-1k, made first if they are not there: of 100 questions, or with
 * `all` of 1,302 (40 minutes on two cores).
 */
import { readCache } from '../../core/evaluate/cache.ts';
import { evaluate, openSession, type RankedRow, readSettings, resultOf } from '../../core/index.ts';
import { BUILD, NO_DATA, QUESTION_SET, questions } from './questions.ts';
import type { Table } from './table.ts';

const SOME = 100;
const TEN = 10;
const KEPT = [1, 2, 3, 4];

export async function run(): Promise<Table[]> {
  const name = 'Places kept among ten';
  if (questions() === undefined) return [{ name, rows: [{ places: NO_DATA }] }];
  const session = await openSession(readSettings({ build: BUILD }).settings);
  try {
    const limit = process.argv.includes('all') ? undefined : SOME;
    const request = { sets: [QUESTION_SET], where: 'in_1k,answer_in_article', methods: ['best'], limit };
    const { evaluation } = await resultOf(evaluate(session, request));
    const rows = await readCache<RankedRow>(evaluation.methods[0]?.cache ?? '');
    const steps = Object.keys(rows[0]?.steps ?? {}).slice(0, -1); // the last one is the ranking itself
    const share = (order: (row: RankedRow) => number[]) =>
      (rows.filter((row) => isRight(row, order(row))).length / rows.length).toFixed(4);
    const tables = [{ 'kept for': 'nothing', 'top 10': share(({ ids }) => ids.slice(0, TEN)) }];
    for (const step of steps)
      for (const kept of KEPT)
        tables.push({
          'kept for': `${kept} of ${step}`,
          'top 10': share((row) => withKept(row, step, kept)),
        });
    return [{ name: `${name}, ${rows.length} questions`, rows: tables }];
  } finally {
    await session.close();
  }
}

/** Whether one of these chunks is right. */
function isRight({ ids, right }: RankedRow, shown: number[]): boolean {
  return right.some(([rank]) => shown.includes(ids[rank - 1] as number));
}

/** The first ten with the last `kept` of them taken by the best of `step` that are not among the others. */
function withKept({ ids, steps }: RankedRow, step: string, kept: number): number[] {
  const first = ids.slice(0, TEN - kept);
  const scores = steps[step] ?? [];
  const scoreOf = (id: number) => scores[ids.indexOf(id)] ?? Number.NEGATIVE_INFINITY;
  const others = ids.filter((id) => !first.includes(id) && scoreOf(id) > Number.NEGATIVE_INFINITY);
  return [...first, ...others.sort((a, b) => scoreOf(b) - scoreOf(a)).slice(0, kept)];
}
