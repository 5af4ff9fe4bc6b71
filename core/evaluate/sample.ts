/**
 * A representative sample of a question set, the same in every call. Knows titles and question types.
 */
import { createHash } from 'node:crypto';
import type { Question } from './question.ts';
import { questionType } from './question-type.ts';

/**
 * `size` of the questions, in their own order. Sorted by title and type, they are cut into `size` equal runs; the one
 * with the least id hash is taken from each run. So each title and type keeps its share, to within about a question.
 */
export function stratifiedSample(questions: Question[], size: number): Question[] {
  if (size >= questions.length) return questions;
  const order = questions
    .map((question) => ({ qid: question.qid, strata: strataOf(question), lot: lotOf(question) }))
    .sort((a, b) => (a.strata === b.strata ? compare(a.lot, b.lot) : compare(a.strata, b.strata)));
  const runs = Array.from({ length: size }, (_, run) =>
    order.slice(Math.floor((run * order.length) / size), Math.floor(((run + 1) * order.length) / size)),
  );
  const taken = new Set(runs.map((run) => run.reduce((a, b) => (b.lot < a.lot ? b : a)).qid));
  return questions.filter(({ qid }) => taken.has(qid));
}

function strataOf({ goldTitle = '', question }: Question): string {
  return `${goldTitle}\n${questionType(question)}`;
}

function lotOf({ qid }: Question): string {
  return createHash('sha256').update(qid).digest('hex');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
