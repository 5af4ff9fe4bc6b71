/**
 * What texts of a language model buy in retrieval: HyDE, step-back and other wordings against plans that need no model, over a fixed
 * sample of SQuAD's questions, the same number from each article. What the model wrote is kept in the data folder, so that
 * a run that was stopped goes on where it was.
 */
import { openSession, readSettings, search } from '../../core/index.ts';
import { BUILD, NO_DATA, questions, rankOfAnswer, sample } from './questions.ts';
import type { Table } from './table.ts';

const SAMPLE = 150;
/** Questions that are rewritten at the same time. */
const AT_ONCE = 4;
const PLANS = [
  'dense(100) > top 10',
  'dense(100, hyde) > top 10',
  'dense(100) + dense(100, hyde) > fuse > top 10',
  'dense(100) + dense(100, step-back) > fuse > top 10',
  'dense(100) + dense(100, variants) > fuse > top 10',
  'hybrid',
  'hyde',
  'step-back',
  'multi-query',
];

export async function run(): Promise<Table[]> {
  const known = questions();
  if (known === undefined) return [{ name: 'Rewriting', rows: [{ plan: NO_DATA }] }];
  const asked = sample(known, SAMPLE);
  const { settings } = readSettings({ build: BUILD, answersAtOnce: AT_ONCE });
  const session = await openSession(settings, { keepRewrites: true });
  try {
    const rows: Table['rows'] = [];
    const first = new Map<string, (number | undefined)[]>();
    for (const method of PLANS) {
      const ranks: (number | undefined)[] = [];
      for (let at = 0; at < asked.length; at += AT_ONCE)
        ranks.push(
          ...(await Promise.all(
            asked.slice(at, at + AT_ONCE).map(async (question) => {
              const { hits } = await search(session, { question: question.question, method, k: 10 });
              return rankOfAnswer(hits, question);
            }),
          )),
        );
      first.set(method, ranks);
      const base = first.get(method.startsWith('dense') ? (PLANS[0] as string) : 'hybrid') ?? ranks;
      const gained = ranks.filter((rank, index) => rank === 1 && base[index] !== 1).length;
      const lost = ranks.filter((rank, index) => rank !== 1 && base[index] === 1).length;
      rows.push({ plan: method, ...shares(ranks), 'top 1 gained / lost': `${gained} / ${lost}` });
    }
    const name = (await session.generator())?.name ?? 'no model';
    return [{ name: `Rewritten by ${name}: ${asked.length} questions, build ${BUILD}`, rows }];
  } finally {
    await session.close();
  }
}

function shares(ranks: (number | undefined)[]) {
  const share = (score: (rank: number | undefined) => number) =>
    (ranks.map(score).reduce((sum, value) => sum + value, 0) / ranks.length).toFixed(3);
  return {
    'recall@1': share((rank) => (rank === 1 ? 1 : 0)),
    'recall@10': share((rank) => (rank === undefined ? 0 : 1)),
    'MRR@10': share((rank) => (rank === undefined ? 0 : 1 / rank)),
  };
}
