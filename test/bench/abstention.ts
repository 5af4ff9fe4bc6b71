/**
 * When it is better to say nothing: risk against coverage of quoted answers over questions that the build answers, the same questions
 * with their article taken out of what was found, and SQuAD 2.0's unanswerable ones (unanswerable from one paragraph, so that
 * some of them have an answer elsewhere).
 *
 * Two scores: the share of the question that the best sentence holds (what `extract.ts` abstains by), and the reranking model's logit
 * for the best passage. An answer is right where its passage is of the gold article and holds a gold answer.
 */

import { passageText } from '../../core/corpus/passage.ts';
import { rankSentences } from '../../core/generate/extract.ts';
import { type Hit, openSession, readSettings, search } from '../../core/index.ts';
import { allQuestions, BUILD, NO_DATA, type Question, questions, rankOfAnswer, sample } from './questions.ts';
import type { Table } from './table.ts';

const SAMPLE = 150;
const PASSAGES = 8;
/** Passages that the reranking model reads. */
const READ = 3;

interface Outcome {
  right: boolean;
  answerable: boolean;
  share: number;
  logit: number;
}

export async function run(): Promise<Table[]> {
  const [known, all] = [questions(), allQuestions()];
  if (known === undefined || all === undefined) return [{ name: 'Abstention', rows: [{ score: NO_DATA }] }];
  const asked = sample(known, SAMPLE);
  const unanswerable = sample(
    all.filter((question) => question.unanswerable && question.in_1k),
    SAMPLE,
  );
  const session = await openSession(readSettings({ build: BUILD }).settings);
  const outcome = async (question: Question, hits: Hit[], answerable: boolean): Promise<Outcome> => {
    const [best] = rankSentences({ question: question.question, passages: hits, language: 'en' });
    const hit = best === undefined ? undefined : hits[best.passage];
    const right = answerable && hit !== undefined && rankOfAnswer([{ ...hit, rank: 1 }], question) === 1;
    const reranker = await session.reranker();
    const passages = hits.slice(0, READ).map(({ chunk }) => passageText(chunk));
    const logits = (await reranker?.score(question.question, passages)) ?? [];
    return { right, answerable, share: best?.share ?? 0, logit: Math.max(-20, ...logits) };
  };
  try {
    const outcomes: Record<string, Outcome[]> = { whole: [], 'article taken out': [], unanswerable: [] };
    for (const question of asked) {
      const { hits } = await search(session, { question: question.question, k: 4 * PASSAGES });
      const others = hits.filter(({ chunk }) => chunk.articleId !== String(question.gold_article_id));
      outcomes.whole?.push(await outcome(question, hits.slice(0, PASSAGES), true));
      outcomes['article taken out']?.push(await outcome(question, others.slice(0, PASSAGES), false));
    }
    for (const question of unanswerable) {
      const { hits } = await search(session, { question: question.question, k: PASSAGES });
      outcomes.unanswerable?.push(await outcome(question, hits, false));
    }
    return (['share', 'logit'] as const).map((score) => table(score, outcomes));
  } finally {
    await session.close();
  }
}

/** Thresholds by the share of answerable questions that are still answered. */
function table(score: 'share' | 'logit', outcomes: Record<string, Outcome[]>): Table {
  const whole = outcomes.whole ?? [];
  const scores = whole.map((one) => one[score]).sort((a, b) => a - b);
  const rows = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5].map((left) => {
    const threshold = scores[Math.floor(left * scores.length)] ?? 0;
    const answered = (list: Outcome[]) => list.filter((one) => one[score] >= threshold && one.share > 0);
    const wrong = answered(whole).filter(({ right }) => !right).length;
    const share = (list: Outcome[] = []) => (answered(list).length / (list.length || 1)).toFixed(3);
    return {
      threshold: threshold.toFixed(2),
      'answered (coverage)': share(whole),
      'wrong among them (risk)': (wrong / (answered(whole).length || 1)).toFixed(3),
      'answered with the article taken out': share(outcomes['article taken out']),
      'answered of the unanswerable': share(outcomes.unanswerable),
    };
  });
  const auroc = rankSum(
    whole.map((one) => one[score]),
    (outcomes['article taken out'] ?? []).map((one) => one[score]),
  );
  const name =
    score === 'share' ? 'share of the question in the best sentence' : 'logit of the reranking model';
  return { name: `Abstention by ${name}: AUROC against the article taken out ${auroc.toFixed(3)}`, rows };
}

/** Probability that one of `high` is above one of `low`, ties counting half (Mann and Whitney). */
function rankSum(high: number[], low: number[]): number {
  let sum = 0;
  for (const a of high) for (const b of low) sum += a > b ? 1 : a === b ? 0.5 : 0;
  return sum / (high.length * low.length || 1);
}
