/**
 * What a question set holds, whatever file it came from. Knows no format and no build.
 */

/** One question and what counts as right; a retrieval method sees only its `question`. */
export interface Question {
  /** Unique in its set. */
  qid: string;
  question: string;
  /** Each of them counts as right; empty if `relevant` or `unanswerable` says what does. */
  answers: string[];
  goldTitle?: string;
  goldArticleId?: string;
  /** Grades above 0 by article id, where people judged articles instead of writing answers (BEIR's qrels). */
  relevant?: Record<string, number>;
  /** Nothing answers it: asked only if abstaining is measured. */
  unanswerable: boolean;
  /** What a probe is meant to show. */
  shows?: string;
}

/** A row of a file: its question, or why it has none; `--where` conditions apply to `fields`. */
export interface SetRow {
  fields: Record<string, unknown>;
  question: Question | LeftOut;
}

/** Why a row is not asked, worded for a report. */
export type LeftOut =
  | 'no question'
  | 'no answers'
  | 'no article judged relevant'
  | 'not asked for (--where)'
  | 'asked before'
  | 'not in the sample (--limit)';

export interface QuestionSet {
  /** Names of its files, for reports. */
  name: string;
  /** SHA-256 over the bytes of its files, hex. */
  checksum: string;
  /** The answerable ones, each once. */
  questions: Question[];
  /** The unanswerable ones, each once. */
  unanswerable: Question[];
  /** Rows read. */
  rows: number;
  leftOut: Partial<Record<LeftOut, number>>;
}
