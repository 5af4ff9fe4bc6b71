/**
 * An evaluation's request, its events and its result. Data only.
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
  /** Conditions on the fields of rows, separated by commas: `in_1k,answer_in_article`. */
  where?: string | undefined;
  /** Names or plans; the settings' own method when empty. */
  methods?: string[] | undefined;
  /** Most questions to ask. */
  limit?: number | undefined;
  /** Passages to rank, 100 when absent. */
  depth?: number | undefined;
  /** Also have the questions answered, unanswerable ones included. */
  answers?: boolean | undefined;
  /** Most questions for methods and answers that call a language model, 150 when absent. */
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
  /** A method cannot follow its plan; emitted once for each reason. */
  | { type: 'warning'; method: string; message: string }
  | { type: 'method-end'; summary: MethodSummary };

export const TIMED_PARTS = ['rewrite', 'embed', 'search', 'rerank', 'lookup'] as const;
export type TimedPart = (typeof TIMED_PARTS)[number];

/** One question as one method ranked it: a line of the cache. */
export interface RankedRow {
  qid: string;
  /** Chunks, best first. */
  ids: number[];
  /** Scores at each step of the plan, by its printed name, one for each of `ids`; null if the step did not see it. */
  steps: Record<string, (number | null)[]>;
  right: Right[];
  ms: Record<TimedPart, number> & { total: number };
  warnings?: string[];
}

/** One question as answered from one method's passages: a line of the cache. */
export interface AnsweredRow {
  qid: string;
  text: string;
  abstained: boolean;
  exactMatch: number;
  f1: number;
  /** 1 if the text contains a wanted answer. */
  contained: number;
  citationRecall: number;
  /** null if nothing is cited. */
  citationPrecision: number | null;
  /** Sentences that the answer itself calls supported, and all of them. */
  sentences: { supported: number; all: number };
  /** Score of the first passage. */
  confidence: number;
  /** Over all calls to the language model; 0 if there were none. */
  tokens: { prompt: number; answer: number };
  ms: { retrieve: number; firstText: number; total: number };
  warnings?: string[];
}

export interface MethodSummary extends Measures {
  method: string;
  plan: string;
  questions: number;
  /** True if only a sample was asked, because the method calls a language model. */
  sampled: boolean;
  p50Ms: number;
  p95Ms: number;
  /** Mean time of each part of a question; sources are searched at the same time. */
  meanMs: Record<TimedPart, number>;
  /** 95 % intervals, by cluster bootstrap over the titles of gold articles. */
  ci95: Record<Measure, Interval>;
  byType: Partial<Record<QuestionType, TypeSummary>>;
  answers?: AnswerSummary;
  /** Why it could not follow its plan, and for how many questions. */
  warnings: Record<string, number>;
  /** The file with the rows that this summarises. */
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
 * Over answerable questions, each 0..1. Text measures count an abstention as wrong; measures of citations and sentences
 * are over the answers that were given.
 */
export interface AnswerSummary extends Record<AnswerMeasure, number> {
  /** Name of the language model, or `extractive`. */
  generator: string;
  questions: number;
  /** Number of unanswerable questions, and the share of them for which it abstained. */
  unanswerable: number;
  abstainedAtUnanswerable: number;
  sampled: boolean;
  /** Over all questions, unanswerable ones included; confidence is the best logit of its passages, else the score of the first. */
  risk: RiskCurve;
  ci95: Record<AnswerMeasure, Interval>;
  p50FirstTextMs: number;
  p50Ms: number;
  p95Ms: number;
  /** Means over questions. */
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
  /** Second minus first. */
  difference: number;
  ci95: Interval;
  /** Two-sided, by sign changes of whole titles. */
  p: number;
  /** Questions for which one of them is better. */
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
  /** Answerable ones, each counted once. */
  questions: number;
  /** Distinct gold titles: what the intervals are resampled over. */
  titles: number;
  unanswerable: number;
  rows: number;
  leftOut: Partial<Record<LeftOut, number>>;
  where: string;
  methods: MethodSummary[];
  differences: MethodDifference[];
  /** Peak resident bytes of all our processes, mapped files included; absent if a method's rows were all cached. */
  peakMemoryBytes?: number;
  /** Where it ran: processor, memory, Node. */
  machine: string;
  at: string;
}
