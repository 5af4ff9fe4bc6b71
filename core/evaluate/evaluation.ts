/**
 * What an evaluation is asked, what it tells while it runs, and what it gives back. Data only.
 */
import type { Interval } from './bootstrap.ts';
import type { Right } from './judge.ts';
import type { Measure } from './measures.ts';
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
}

export type EvaluateEvent =
  | {
      type: 'evaluate-start';
      set: string;
      build: string;
      questions: number;
      rows: number;
      leftOut: Partial<Record<LeftOut, number>>;
      methods: string[];
    }
  /** `known` questions were answered by an earlier run. */
  | { type: 'method-start'; method: string; plan: string; questions: number; known: number }
  | { type: 'method-progress'; method: string; done: number; total: number; unit: 'questions' }
  | { type: 'method-end'; summary: MethodSummary };

/** One question as one method ranked it: a line of the cache. */
export interface RankedRow {
  qid: string;
  /** Chunks, best first. */
  ids: number[];
  /** Score at each step of the plan by its printed name, one for each of `ids`; null where the step did not see it. */
  steps: Record<string, (number | null)[]>;
  right: Right[];
  ms: { embed: number; search: number; lookup: number; total: number };
}

/** Means over questions, each 0..1. */
export type Means = Record<Measure, number>;

export interface MethodSummary extends Means {
  method: string;
  plan: string;
  questions: number;
  p50Ms: number;
  p95Ms: number;
  /** 95 % intervals, by cluster bootstrap over the titles of gold articles. */
  ci95: Record<Measure, Interval>;
  byType: Partial<Record<QuestionType, TypeSummary>>;
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

/** Two methods over the questions that both were asked. */
export interface Comparison {
  first: string;
  second: string;
  measure: Measure;
  questions: number;
  /** Second less first. */
  difference: number;
  ci95: Interval;
  /** Two-sided, by sign changes of whole titles. */
  p: number;
}

export interface Evaluation {
  set: string;
  build: string;
  /** Embedding model of the build. */
  model: string;
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
  comparisons: Comparison[];
  /** Highest resident bytes of this process and its workers; pages of mapped files count. */
  peakMemoryBytes: number;
  at: string;
}
