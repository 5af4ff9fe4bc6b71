/**
 * The words of a report: how to read each part, and how the data were used. Knows an evaluation; no Markdown or HTML.
 */
import type { Evaluation } from './evaluation.ts';

/** What a reader must know first. */
export function summaryLines(evaluation: Evaluation): string[] {
  const { set, questions, titles, build, articles, chunks, model, methods, machine, at } = evaluation;
  const { unanswerable, peakMemoryBytes: peak } = evaluation;
  const memory =
    peak === undefined
      ? ''
      : `; at most ${megabytes(peak)} of memory, all processes, pages of mapped files included`;
  const best = [...methods].sort((a, b) => b.mrrAt10 - a.mrrAt10)[0];
  return [
    `${count(questions, 'question')} of the set ${set} were asked of the build ${build}: ${count(articles, 'article')} in ${count(chunks, 'passage')}, embedded by ${model}.`,
    ...(best === undefined
      ? []
      : [
          `${methods.length === 1 ? 'Asked by one method' : `Best of ${methods.length} methods by MRR@10`}: ${best.method}, with a right passage first for ${percent(best.recallAt1)} of questions and among the first ten for ${percent(best.recallAt10)}, in ${milliseconds(best.p50Ms)} (median).`,
        ]),
    ...(methods.some(({ answers }) => answers !== undefined) && unanswerable > 0
      ? [
          `In addition, ${count(unanswerable, 'question')} that cannot be answered were asked, to see when a method abstains.`,
        ]
      : []),
    titles === 1
      ? 'Intervals are 95 %, resampled over questions. All questions are about one article, so they say nothing about others.'
      : `Intervals are 95 %, from ${count(titles, 'article')}: questions about one article are alike, so articles are resampled, not questions.`,
    `Made ${at.slice(0, 16).replace('T', ' ')} UTC on ${machine}${memory}.`,
  ];
}

export function splitLines({
  rows,
  leftOut,
  where,
  questions,
  titles,
  methods,
  depth,
}: Evaluation): string[] {
  const sampled = methods.filter((one) => one.sampled || one.answers?.sampled);
  const left = Object.entries(leftOut).map(([why, number]) => `${number.toLocaleString('en-US')} ${why}`);
  return [
    `The set has ${count(rows, 'row')}${where === '' ? '' : `, of which those with ${where} are asked`}; each question is asked once. Left out: ${left.length === 0 ? 'none' : left.join('; ')}.`,
    `A method is given the text of the question and nothing else: no title, no article id, no answer. These are compared with its passages afterwards.`,
    'Nothing is learned in this run: a method is a fixed plan, printed below with its weights. Where weights were chosen on questions of these same articles, the figures of that choice leave one article out at a time; this report does not.',
    `${count(depth, 'passage')} are ranked for each question, unless a plan spells out fewer.`,
    ...(sampled.length === 0
      ? []
      : [
          `${sampled.map(({ method }) => method).join(', ')}: a language model is called, so a fixed sample is asked, with the shares of articles and kinds of question that the whole has.`,
        ]),
    ...(titles > 1 && titles < 20 && questions > titles
      ? [
          `${count(titles, 'article')} are few: the intervals show only what so few can tell about others, and p cannot be lower than ${(2 ** (1 - titles)).toPrecision(1)}.`,
        ]
      : []),
  ];
}

export const READING = {
  measures:
    'recall@k: share of questions with a right passage among the first k. MRR@10: mean of 1 / rank of the first right one. nDCG@10: the same with a gentler discount. A passage is right where it is of the gold article and contains an answer; where people judged articles, where its article was judged relevant.',
  latency:
    'Right passages against time: up and to the left is better. The bars are 95 % intervals, the time is the median of one question after another.',
  depth:
    'How many questions have a right passage among the first k: with a steep start, a language model has to read less.',
  overlap:
    'Questions that only one method of a pair has right among its first ten: if there are many on both sides, the two together find more than either.',
  risk: 'Share of wrong answers among those given, if only the surest are given: a curve that falls to the left knows when it is wrong. The dot is where the method stops answering by itself.',
  differ:
    'The questions at which two methods differ most, with the passage that each put first and the rank of its first right one.',
  missed: 'Questions that no method has right among its first ten, with the passage that each put first.',
  answers:
    'Exact match and F1 compare the whole answer with the shortest right one, as SQuAD does, so sentences score low; contained asks only whether the answer stands in it. Citation recall and precision are ALCE’s, judged by the same support check that the answers are written with: they say how well that check is obeyed, not how good it is.',
  types: 'MRR@10 by the kind of question, told by its first question word, with the number of questions.',
} as const;

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

/** `0.532` as `.532`. */
export function share(value: number): string {
  return value.toFixed(3).replace(/^0\./, '.');
}

export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${share(Math.abs(value))}`;
}

export function milliseconds(ms: number): string {
  return ms < 10
    ? `${ms.toFixed(1)} ms`
    : ms < 10_000
      ? `${Math.round(ms)} ms`
      : `${(ms / 1_000).toFixed(1)} s`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;
}

export function count(value: number, noun: string): string {
  return `${value.toLocaleString('en-US')} ${noun}${value === 1 ? '' : 's'}`;
}
