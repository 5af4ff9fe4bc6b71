/**
 * Knows SQuAD's own JSON, versions 1.1 and 2.0: `data` → articles with `title` → `paragraphs` → `qas`.
 * The gold article is the one with that title; paragraphs are not used, since they are from another revision.
 */
import { z } from 'zod';
import { CoreError } from '../errors.ts';
import type { SetRow } from './question.ts';
import { FORMS, objectOf, type SetFile } from './set-file.ts';

const squadSchema = z.object({
  version: z.coerce.string().optional(),
  data: z.array(
    z.object({
      title: z.string(),
      paragraphs: z.array(
        z.object({
          qas: z.array(
            z.object({
              id: z.string(),
              question: z.string(),
              answers: z.array(z.object({ text: z.string() })).default([]),
              is_impossible: z.boolean().default(false),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** The questions of one file; fields for `--where`: `title`, `unanswerable`. */
export function readSquad(file: SetFile): SetRow[] {
  const parsed = squadSchema.safeParse(objectOf(file.text, file.path));
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join('.') || 'data';
    throw new CoreError(
      'bad-input',
      `${file.path} is not a SQuAD file: "${place}" is missing or malformed.`,
      {
        hint: FORMS,
      },
    );
  }
  return parsed.data.data.flatMap(({ title, paragraphs }) =>
    paragraphs.flatMap(({ qas }) =>
      qas.map(({ id, question, answers, is_impossible: unanswerable }): SetRow => {
        const fields = { title, unanswerable };
        const given = [...new Set(answers.map(({ text }) => text.trim()))].filter((text) => text !== '');
        if (question.trim() === '') return { fields, question: 'no question' };
        if (given.length === 0 && !unanswerable) return { fields, question: 'no answers' };
        return {
          fields,
          question: {
            qid: id,
            question: question.trim(),
            answers: unanswerable ? [] : given,
            goldTitle: title.replaceAll('_', ' '),
            unanswerable,
          },
        };
      }),
    ),
  );
}
