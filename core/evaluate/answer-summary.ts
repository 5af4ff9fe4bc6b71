/**
 * Answered questions -> means, intervals, risk against coverage, cost. Knows rows; no build and no file.
 */
import { riskCurve } from './answer-measures.ts';
import { mean, meanInterval, quantile } from './bootstrap.ts';
import { ANSWER_MEASURES, type AnsweredRow, type AnswerMeasure, type AnswerSummary } from './evaluation.ts';
import type { Question } from './question.ts';
import { clusterOf, type Randoms } from './summary.ts';

interface Answered {
  question: Question;
  row: AnsweredRow;
}

/** A measure's value for one answer; undefined if it does not apply. */
const VALUE: Record<AnswerMeasure, (row: AnsweredRow) => number | undefined> = {
  exactMatch: ({ exactMatch }) => exactMatch,
  f1: ({ f1 }) => f1,
  contained: ({ contained }) => contained,
  citationRecall: ({ abstained, citationRecall }) => (abstained ? undefined : citationRecall),
  citationPrecision: ({ citationPrecision }) => citationPrecision ?? undefined,
  supportedSentences: ({ sentences }) =>
    sentences.all === 0 ? undefined : sentences.supported / sentences.all,
  abstained: ({ abstained }) => (abstained ? 1 : 0),
};

export function summarizeAnswers(
  questions: Question[],
  rows: Map<string, AnsweredRow>,
  randoms: Randoms,
): Omit<AnswerSummary, 'generator' | 'sampled' | 'cache'> {
  const all = questions.flatMap((question): Answered[] => {
    const row = rows.get(question.qid);
    return row === undefined ? [] : [{ question, row }];
  });
  const some = all.filter(({ question }) => !question.unanswerable);
  const none = all.filter(({ question }) => question.unanswerable);
  const figures = ANSWER_MEASURES.map((measure) => {
    const told = some.flatMap(({ question, row }) => {
      const value = VALUE[measure](row);
      return value === undefined ? [] : [{ value, cluster: clusterOf(question) }];
    });
    const values = told.map(({ value }) => value);
    const clusters = told.map(({ cluster }) => cluster);
    return [measure, mean(values), meanInterval(values, clusters, randoms())] as const;
  });
  const sorted = (value: (row: AnsweredRow) => number) =>
    all.map(({ row }) => value(row)).sort((a, b) => a - b);
  return {
    ...(Object.fromEntries(figures.map(([measure, value]) => [measure, value])) as Record<
      AnswerMeasure,
      number
    >),
    ci95: Object.fromEntries(
      figures.map(([measure, , interval]) => [measure, interval]),
    ) as AnswerSummary['ci95'],
    questions: some.length,
    unanswerable: none.length,
    abstainedAtUnanswerable: mean(none.map(({ row }) => (row.abstained ? 1 : 0))),
    risk: riskCurve(
      all.map(({ question, row }) => ({
        confidence: row.confidence,
        answered: !row.abstained,
        right: !question.unanswerable && row.contained === 1,
      })),
    ),
    p50FirstTextMs: quantile(
      sorted(({ ms }) => ms.firstText),
      0.5,
    ),
    p50Ms: quantile(
      sorted(({ ms }) => ms.total),
      0.5,
    ),
    p95Ms: quantile(
      sorted(({ ms }) => ms.total),
      0.95,
    ),
    promptTokens: mean(all.map(({ row }) => row.tokens.prompt)),
    answerTokens: mean(all.map(({ row }) => row.tokens.answer)),
  };
}
