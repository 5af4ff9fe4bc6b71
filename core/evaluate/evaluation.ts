/**
 * What an evaluation is asked, what it tells while it runs, and what it gives back. Data only.
 */
import type { RiskCurve } from './answer-measures.ts';
import type { Interval } from './bootstrap.ts';
import type { Right } from './judge.ts';
import type { Measure, Measures } from './measures.ts';
import type { LeftOut } from './question.ts';
import type { QuestionType } from './question-type.ts';

export interface EvaluateRequest {
  /** Files, BEIR folders, or `probes`; several make one set. */
  sets: string[];
  /** Conditions on the fields of rows, by comma: `in_1k,answer_in_article`. */
  where?: string | undefined;
  /** Names or plans; the settings' own method when empty. */
  methods?: string[] | undefined;
  /** Most questions to ask. */
  limit?: number | undefined;
  /** Passages to rank, 100 when absent. */
  depth?: number | undefined;
  /** Have the questions answered too, those that cannot be answered among them. */
  answers?: boolean | undefined;
  /** Most questions for whatever calls a language model, 150 when absent. */
  sample?: number | undefined;
}

export type EvaluateEvent =
  | {
      type: 'evaluate-start';
      set: string;
      build: string;
      questions: number;
      unanswerable: number;
      rows: number;
      leftOut: Partial<Record<LeftOut, number>>;
      methods: string[];
    }
  /** `known` questions were asked by an earlier run. */
  | {
      type: 'method-start';
      method: string;
      plan: string;
      part: 'passages' | 'answers';
      questions: number;
      known: number;
    }
  | {
      type: 'method-progress';
      method: string;
      part: 'passages' | 'answers';
      done: number;
      total: number;
      unit: 'questions';
    }
  /** A method cannot do as its plan says; told once for each reason. */
  | { type: 'warning'; method: string; message: string }
  | { type: 'method-end'; summary: MethodSummary };

export const TIMED_PARTS = ['rewrite', 'embed', 'search', 'rerank', 'lookup'] as const;
export type TimedPart = (typeof TIMED_PARTS)[number];

/** One question as one method ranked it: a line of the cache. */
export interface RankedRow {
  qid: string;
  /** Chunks, best first. */
  ids: number[];
  /** Score at each step of the plan by its printed name, one for each of `ids`; null where the step did not see it. */
  steps: Record<string, (number | null)[]>;
  right: Right[];
  ms: Record<TimedPart, number> & { total: number };
  warnings?: string[];
}

/** One question as one method's passages were answered: a line of the cache. */
export interface AnsweredRow {
  qid: string;
  text: string;
  abstained: boolean;
  exactMatch: number;
  f1: number;
  /** 1 where a wanted answer stands in the text. */
  contained: number;
  citationRecall: number;
  /** null where nothing is cited. */
  citationPrecision: number | null;
  /** Sentences that the answer itself calls supported, and all of them. */
  sentences: { supported: number; all: number };
  /** Score of the first passage. */
  confidence: number;
  /** Of all calls to the language model; 0 where none was asked. */
  tokens: { prompt: number; answer: number };
  ms: { retrieve: number; firstText: number; total: number };
  warnings?: string[];
}

export interface MethodSummary extends Measures {
  method: string;
  plan: string;
  questions: number;
  /** True where a sample was asked, since the method calls a language model. */
  sampled: boolean;
  p50Ms: number;
  p95Ms: number;
  /** What a question's time is made of in the mean; sources are searched at the same time. */
  meanMs: Record<TimedPart, number>;
  /** 95 % intervals, by cluster bootstrap over the titles of gold articles. */
  ci95: Record<Measure, Interval>;
  byType: Partial<Record<QuestionType, TypeSummary>>;
  answers?: AnswerSummary;
  /** What kept it from doing as its plan says, and for how many questions. */
  warnings: Record<string, number>;
  /** The file with the rows that this was made of. */
  cache: string;
}

export interface TypeSummary {
  questions: number;
  recallAt1: number;
  recallAt10: number;
  mrrAt10: number;
  ci95: Record<'recallAt1' | 'recallAt10' | 'mrrAt10', Interval>;
}

export const ANSWER_MEASURES = [
  'exactMatch',
  'f1',
  'contained',
  'citationRecall',
  'citationPrecision',
  'supportedSentences',
  'abstained',
] as const;

export type AnswerMeasure = (typeof ANSWER_MEASURES)[number];

/**
 * Over questions that can be answered, each 0..1. Text measures count an abstention as wrong; those of citations and sentences are over
 * the answers that were given.
 */
export interface AnswerSummary extends Record<AnswerMeasure, number> {
  /** Name of the language model, or `extractive`. */
  generator: string;
  questions: number;
  /** Questions that cannot be answered, and the share of them at which it abstained. */
  unanswerable: number;
  abstainedAtUnanswerable: number;
  sampled: boolean;
  /** Over all questions, those that cannot be answered among them; sure is whose first passage scored high. */
  risk: RiskCurve;
  ci95: Record<AnswerMeasure, Interval>;
  p50FirstTextMs: number;
  p50Ms: number;
  p95Ms: number;
  /** Means of a question. */
  promptTokens: number;
  answerTokens: number;
  cache: string;
}

/** Two methods over the questions that both were asked. */
export interface MethodDifference {
  first: string;
  second: string;
  measure: Measure;
  questions: number;
  /** Second less first. */
  difference: number;
  ci95: Interval;
  /** Two-sided, by sign changes of whole titles. */
  p: number;
  /** Questions at which one of them is better. */
  firstBetter: number;
  secondBetter: number;
}

export interface Evaluation {
  set: string;
  build: string;
  /** Embedding model of the build. */
  model: string;
  articles: number;
  chunks: number;
  depth: number;
  /** Those that can be answered, each once. */
  questions: number;
  /** Distinct gold titles: what the intervals are resampled over. */
  titles: number;
  unanswerable: number;
  rows: number;
  leftOut: Partial<Record<LeftOut, number>>;
  where: string;
  methods: MethodSummary[];
  differences: MethodDifference[];
  /** Highest resident bytes of this process and its workers, pages of mapped files included; absent where a method was asked nothing anew. */
  peakMemoryBytes?: number;
  /** Where it ran: processor, memory, Node. */
  machine: string;
  at: string;
}
