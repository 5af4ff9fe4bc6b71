/**
 * When it is better to say nothing: risk against coverage of quoted answers over questions that the build answers, the same questions
 * with their article taken out of what was found, and SQuAD 2.0's unanswerable ones (unanswerable from one paragraph, so that
 * some of them have an answer elsewhere).
 *
 * Two rules: shared words (a sentence that shares enough with the question, `extract.ts`), and the cross-encoder (the best passage's
 * logit; the sentence that it finds best, `judged.ts`). An answer is right where its first sentence is of the gold article and holds a
 * gold answer.
 */

import { type Candidate, rankSentences } from '../../core/answer/extract.ts';
import { judgeSentences, rankJudged } from '../../core/answer/judged.ts';
import { type Hit, openSession, readSettings, search } from '../../core/index.ts';
import {
  allQuestions,
  BUILD,
  NO_DATA,
  type Question,
  questions,
  sample,
  sentenceAnswersIt,
} from './questions.ts';
import type { Table } from './table.ts';

const SAMPLE = 150;
const PASSAGES = 8;
/** Below every logit. */
const NOTHING = -20;
/** Shares of the answerable questions to show thresholds for. */
const COVERED = [1, 0.9, 0.8, 0.7, 0.6, 0.5];

/** What a rule makes of one question: how sure it is, and whether its first sentence is right. */
interface Outcome {
  score: number;
  right: boolean;
}

type Asked = 'whole' | 'without' | 'unanswerable';
type Rule = 'shared words' | 'cross-encoder';
type Outcomes = Record<Rule, Outcome>;

export async function run(): Promise<Table[]> {
  const [known, all] = [questions(), allQuestions()];
  if (known === undefined || all === undefined) return [{ name: 'Abstention', rows: [{ score: NO_DATA }] }];
  const asked = sample(known, SAMPLE);
  const unanswerable = sample(
    all.filter((question) => question.unanswerable && question.in_1k),
    SAMPLE,
  );
  const session = await openSession(readSettings({ build: BUILD }).settings);
  const reranker = await session.reranker();
  const outcome = async (question: Question, hits: Hit[]): Promise<Outcomes> => {
    const holdsAnswer = (best: Candidate | undefined) =>
      best !== undefined && sentenceAnswersIt(best, hits, question);
    const [shared] = rankSentences({ question: question.question, passages: hits, language: 'en' });
    const judge = (asked: string, texts: string[]) => reranker.score(asked, texts);
    const [judged] = rankJudged(await judgeSentences(question.question, hits, judge));
    return {
      'shared words': { score: shared?.score ?? 0, right: holdsAnswer(shared) },
      'cross-encoder': {
        score: Math.max(NOTHING, ...hits.flatMap(({ logit }) => logit ?? [])),
        right: holdsAnswer(judged),
      },
    };
  };
  try {
    const outcomes: Record<Asked, Outcomes[]> = { whole: [], without: [], unanswerable: [] };
    for (const question of asked) {
      const { hits } = await search(session, { question: question.question, k: 4 * PASSAGES });
      const others = hits.filter(({ chunk }) => chunk.articleId !== String(question.gold_article_id));
      outcomes.whole.push(await outcome(question, hits.slice(0, PASSAGES)));
      outcomes.without.push(await outcome(question, others.slice(0, PASSAGES)));
    }
    for (const question of unanswerable) {
      const { hits } = await search(session, { question: question.question, k: PASSAGES });
      outcomes.unanswerable.push(await outcome(question, hits));
    }
    return (['shared words', 'cross-encoder'] as const).map((rule) => table(rule, outcomes));
  } finally {
    await session.close();
  }
}

/** Risk and what is answered that should not be, by the share of answerable questions that are still answered. */
function table(rule: Rule, outcomes: Record<Asked, Outcomes[]>): Table {
  const of = (kind: Asked) => outcomes[kind].map((one) => one[rule]);
  const whole = of('whole');
  const scores = whole.map(({ score }) => score).sort((a, b) => a - b);
  const thresholds =
    rule === 'cross-encoder'
      ? [-2, 0, 1, 2, 3, 4, 5]
      : COVERED.map((part) => scores[Math.floor((1 - part) * scores.length)] ?? 0);
  const rows = thresholds.map((threshold) => {
    const answered = (list: Outcome[]) => list.filter(({ score }) => score >= threshold && score !== 0);
    const share = (list: Outcome[]) => (answered(list).length / (list.length || 1)).toFixed(3);
    const wrong = answered(whole).filter(({ right }) => !right).length;
    return {
      threshold: threshold.toFixed(2),
      'answered (coverage)': share(whole),
      'wrong among them (risk)': (wrong / (answered(whole).length || 1)).toFixed(3),
      'answered with the article taken out': share(of('without')),
      'answered of the unanswerable': share(of('unanswerable')),
    };
  });
  const apart = rankSum(
    whole.map(({ score }) => score),
    of('without').map(({ score }) => score),
  );
  return { name: `Abstention by ${rule}: AUROC against the article taken out ${apart.toFixed(3)}`, rows };
}

/** Probability that one of `high` is above one of `low`, ties counting half (Mann and Whitney). */
function rankSum(high: number[], low: number[]): number {
  let sum = 0;
  for (const a of high) for (const b of low) sum += a > b ? 1 : a === b ? 0.5 : 0;
  return sum / (high.length * low.length || 1);
}
