/**
 * Whether the last of `best`'s ten places are better kept for what the cross-encoder put lower: the best ones of another step that
 * are not among the first; and how many questions could be answered at all. From the kept rows of `best` over articles-1k, made
 * first if they are not there: of 100 questions, or with `all` of 1,302 (40 minutes on two cores).
 */
import { readCache } from '../../core/evaluate/cache.ts';
import {
  evaluate,
  openSession,
  type RankedRow,
  readSettings,
  resultOf,
  type Session,
} from '../../core/index.ts';
import { answersIt, BUILD, NO_DATA, QUESTION_SET, type Question, questions } from './questions.ts';
import type { Table } from './table.ts';

const SOME = 100;
const TEN = 10;
const KEPT = [1, 2, 3, 4];
const BLOCK = 1_000;

export async function run(): Promise<Table[]> {
  const name = 'Places kept among ten';
  const known = questions();
  if (known === undefined) return [{ name, rows: [{ places: NO_DATA }] }];
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
    const reachable = { 'kept for': 'every passage', 'top 10': await reachableShare(known, session) };
    return [{ name: `${name}, ${rows.length} questions`, rows: [...tables, reachable] }];
  } finally {
    await session.close();
  }
}

/** Share of all questions that some chunk answers: the others' answers are written otherwise in the article (10¹⁵, not 1015). */
async function reachableShare(known: Question[], session: Session): Promise<string> {
  const chunks = await session.chunks();
  const answered = new Set<Question>();
  for (let first = 0; first < session.manifest.chunks; first += BLOCK)
    for (const chunk of await chunks.range(first, first + BLOCK))
      for (const question of known) if (answersIt(chunk, question)) answered.add(question);
  return (answered.size / known.length).toFixed(4);
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
