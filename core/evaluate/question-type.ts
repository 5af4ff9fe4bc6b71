/**
 * What kind of thing a question asks for, judged by its words alone (English; anything else is `other`).
 */
export const QUESTION_TYPES = [
  'who',
  'when',
  'where',
  'how many',
  'how',
  'why',
  'which',
  'what',
  'other',
] as const;

export type QuestionType = (typeof QUESTION_TYPES)[number];

/** The first question word counts: "In what year …" is a `what`, "By whom …" a `who`. */
export function questionType(question: string): QuestionType {
  const word = /\b(who(?:m|se)?|when|where|why|which|what|how (?:many|much)|how)\b/.exec(
    question.toLowerCase(),
  )?.[1];
  if (word === undefined) return 'other';
  if (word.startsWith('who')) return 'who';
  return word === 'how much' ? 'how many' : (word as QuestionType);
}
