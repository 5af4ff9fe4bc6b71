/**
 * What a question set holds, whatever file it came from. Knows no format and no build.
 */

/** One question with what counts as right; no retrieval method ever sees more of it than `question`. */
export interface Question {
  /** Unique in its set. */
  qid: string;
  question: string;
  /** Each of them is right; empty where `relevant` or `unanswerable` says what is. */
  answers: string[];
  goldTitle?: string;
  goldArticleId?: string;
  /** Grades above 0 by article id, where people judged articles instead of writing answers (BEIR's qrels). */
  relevant?: Record<string, number>;
  /** Nothing answers it: asked only where abstaining is measured. */
  unanswerable: boolean;
  /** What a probe is there to show. */
  shows?: string;
}

/** A row of a file: the question it holds, or why it holds none; `fields` are what `--where` can ask for. */
export interface SetRow {
  fields: Record<string, unknown>;
  question: Question | LeftOut;
}

/** Why a row is not asked, in the words of a report. */
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
  /** Each question once, those that can be answered. */
  questions: Question[];
  /** Each question once, those that cannot. */
  unanswerable: Question[];
  /** Rows read. */
  rows: number;
  leftOut: Partial<Record<LeftOut, number>>;
}
