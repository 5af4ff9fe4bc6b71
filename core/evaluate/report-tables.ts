/**
 * The tables of a report as cells of plain text. Knows figures; neither Markdown nor HTML.
 */
import type { Interval } from './bootstrap.ts';
import type { AnswerMeasure, AnswerSummary, Evaluation } from './evaluation.ts';
import { QUESTION_TYPES } from './question-type.ts';
import { milliseconds, READING, share, signed } from './report-text.ts';

export interface Table {
  title: string;
  /** How to read it. */
  about: string;
  heading: string[];
  rows: string[][];
}

export function tablesOf(evaluation: Evaluation): Table[] {
  return [
    passages(evaluation),
    plans(evaluation),
    differences(evaluation),
    types(evaluation),
    answers(evaluation),
    warnings(evaluation),
  ].filter(({ rows }) => rows.length > 0);
}

function passages({ methods }: Evaluation): Table {
  return {
    title: 'Passages',
    about: READING.measures,
    heading: [
      'method',
      'questions',
      'recall@1',
      '@3',
      '@10',
      '@20',
      '@100',
      'MRR@10',
      'nDCG@10',
      'p50',
      'p95',
    ],
    rows: methods.map((one) => [
      ...[one.method, one.questions.toLocaleString('en-US')],
      sure(one.recallAt1, one.ci95.recallAt1),
      share(one.recallAt3),
      sure(one.recallAt10, one.ci95.recallAt10),
      ...[share(one.recallAt20), share(one.recallAt100)],
      sure(one.mrrAt10, one.ci95.mrrAt10),
      sure(one.ndcgAt10, one.ci95.ndcgAt10),
      ...[milliseconds(one.p50Ms), milliseconds(one.p95Ms)],
    ]),
  };
}

function plans({ methods }: Evaluation): Table {
  return {
    title: 'Plans',
    about: 'What each method does, step by step; the same text can be asked for with --method.',
    heading: ['method', 'plan'],
    rows: methods.map(({ method, plan }) => [method, plan]),
  };
}

function differences({ differences: list }: Evaluation): Table {
  const names = { recallAt1: 'recall@1', recallAt10: 'recall@10', mrrAt10: 'MRR@10', ndcgAt10: 'nDCG@10' };
  return {
    title: 'Differences between methods',
    about:
      'Over the same questions; the interval is of the difference, p is two-sided, by changing the signs of whole articles’ differences. Nothing is corrected for many comparisons.',
    heading: [
      'second against first',
      'measure',
      'questions',
      'difference',
      '95 %',
      'p',
      'first better',
      'second better',
    ],
    rows: list.map(
      ({ first, second, measure, questions, difference, ci95, p, firstBetter, secondBetter }) => [
        ...[`${second} against ${first}`, names[measure as keyof typeof names] ?? measure],
        ...[questions.toLocaleString('en-US'), signed(difference), `${ci95.map(signed).join(' to ')}`],
        ...[p.toFixed(3), String(firstBetter), String(secondBetter)],
      ],
    ),
  };
}

function types({ methods }: Evaluation): Table {
  const found = QUESTION_TYPES.filter((type) => methods.some(({ byType }) => byType[type] !== undefined));
  return {
    title: 'By kind of question',
    about: READING.types,
    heading: ['kind', 'questions', ...methods.map(({ method }) => method)],
    rows: found.map((type) => [
      type,
      String(Math.max(...methods.map(({ byType }) => byType[type]?.questions ?? 0))),
      ...methods.map(({ byType }) => {
        const one = byType[type];
        return one === undefined ? '' : sure(one.mrrAt10, one.ci95.mrrAt10);
      }),
    ]),
  };
}

/** One column for each method, because there are too many figures for one line. */
function answers({ methods }: Evaluation): Table {
  const answered = methods.flatMap(({ method, answers: one }) =>
    one === undefined ? [] : [{ method, one }],
  );
  const row = (name: string, cell: (one: AnswerSummary) => string) => [
    name,
    ...answered.map(({ one }) => cell(one)),
  ];
  const measure = (name: string, of: AnswerMeasure) => row(name, (one) => sure(one[of], one.ci95[of]));
  const rows = [
    row('written by', ({ generator }) => generator),
    row('questions', ({ questions }) => String(questions)),
    measure('exact match', 'exactMatch'),
    measure('F1', 'f1'),
    measure('contained', 'contained'),
    measure('citation recall', 'citationRecall'),
    measure('citation precision', 'citationPrecision'),
    measure('supported sentences', 'supportedSentences'),
    measure('abstained', 'abstained'),
    row('abstained where nothing answers', ({ unanswerable, abstainedAtUnanswerable }) =>
      unanswerable === 0 ? '–' : `${share(abstainedAtUnanswerable)} of ${unanswerable}`,
    ),
    row('risk at coverage', ({ risk }) => `${share(risk.risk)} at ${share(risk.coverage)}`),
    row('first text, p50', ({ p50FirstTextMs }) => milliseconds(p50FirstTextMs)),
    row('whole answer, p50 and p95', ({ p50Ms, p95Ms }) => `${milliseconds(p50Ms)}, ${milliseconds(p95Ms)}`),
    row('tokens read and written', ({ promptTokens, answerTokens }) =>
      [promptTokens, answerTokens].map(Math.round).join(' + '),
    ),
  ];
  return {
    title: 'Answers',
    about: READING.answers,
    heading: ['', ...answered.map(({ method }) => method)],
    rows: answered.length === 0 ? [] : rows,
  };
}

function warnings({ methods }: Evaluation): Table {
  return {
    title: 'What could not be done as planned',
    about:
      'Questions for which a part of a method was missing or failed: its figures are not those of the whole method.',
    heading: ['method', 'what', 'questions'],
    rows: methods.flatMap(({ method, warnings: list }) =>
      Object.entries(list).map(([what, questions]) => [method, what, String(questions)]),
    ),
  };
}

function sure(value: number, interval: Interval): string {
  return `${share(value)} (${interval.map(share).join('–')})`;
}
