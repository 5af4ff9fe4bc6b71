/**
 * Knows question sets in JSON Lines: our own form, shared by feedback and votes (`question`, `answers`, optional `qid`,
 * `gold_title`, `gold_article_id`, `unanswerable`), and Natural Questions (open) as published (`question`, `answer`).
 */
import { z } from 'zod';
import type { SetRow } from './question.ts';
import { jsonLines, type SetFile } from './set-file.ts';

const texts = z.preprocess(
  (value) => (typeof value === 'string' || typeof value === 'number' ? [value] : value),
  z.array(z.coerce.string()),
);
const named = z.coerce.string().min(1).optional().catch(undefined);

const rowSchema = z.object({
  question: z.string().trim().catch(''),
  answers: texts.optional().catch(undefined),
  answer: texts.optional().catch(undefined),
  qid: named,
  gold_title: named,
  gold_article_id: named,
  unanswerable: z.boolean().catch(false),
  shows: named,
});

/** The rows of one file; a row without an id of its own gets `FILE:LINE`. */
export function readRows(file: SetFile, name: string): SetRow[] {
  return [...jsonLines(file)].map(({ line, row }) => rowOf(row, `${name}:${line}`));
}

export function rowOf(fields: Record<string, unknown>, place: string): SetRow {
  const row = rowSchema.parse(fields);
  // Feedback rows have both: `answers` is what would be right, `answer` what was shown.
  const answers = (row.answers ?? row.answer ?? []).map((text) => text.trim()).filter((text) => text !== '');
  if (row.question === '') return { fields, question: 'no question' };
  if (answers.length === 0 && !row.unanswerable) return { fields, question: 'no answers' };
  return {
    fields,
    question: {
      qid: row.qid ?? place,
      question: row.question,
      answers: row.unanswerable ? [] : answers,
      ...(row.gold_title !== undefined && { goldTitle: row.gold_title }),
      ...(row.gold_article_id !== undefined && { goldArticleId: row.gold_article_id }),
      unanswerable: row.unanswerable,
      ...(row.shows !== undefined && { shows: row.shows }),
    },
  };
}
