/**
 * Asks what the cache lacks, one question at a time, since each is timed. Knows rows and progress; not what answers.
 */
import { throwIfAborted } from '../errors.ts';
import type { Cache } from './cache.ts';
import type { EvaluateEvent } from './evaluation.ts';
import type { Question } from './question.ts';

export interface Asking<Row extends KeptRow> {
  method: string;
  plan: string;
  part: 'passages' | 'answers';
  questions: Question[];
  cache: Cache<Row>;
  /** Called once before the first question, untimed: starts what has to be started. */
  warmUp(): Promise<unknown>;
  ask(question: Question): Promise<Row>;
  /** Whether a kept row with warnings is asked again. */
  retries: boolean;
}

export interface KeptRow {
  qid: string;
  /** What could not be done as planned. */
  warnings?: string[];
}

/** @returns how many questions were known from earlier runs */
export async function* askAll<Row extends KeptRow>(
  { method, plan, part, questions, cache, warmUp, ask, retries }: Asking<Row>,
  signal: AbortSignal | undefined,
): AsyncGenerator<EvaluateEvent, number> {
  const left = questions.filter(({ qid }) => {
    const row = cache.rows.get(qid);
    return row === undefined || (retries && (row.warnings?.length ?? 0) > 0);
  });
  const total = questions.length;
  const known = total - left.length;
  yield { type: 'method-start', method, plan, part, questions: total, known };
  if (left.length > 0) await warmUp();
  const warned = new Set<string>();
  for (const [index, question] of left.entries()) {
    throwIfAborted(signal);
    const row = await ask(question);
    await cache.add(row);
    for (const message of row.warnings ?? []) {
      if (!warned.has(message)) yield { type: 'warning', method, message };
      warned.add(message);
    }
    yield { type: 'method-progress', method, part, done: known + index + 1, total, unit: 'questions' };
  }
  return known;
}
