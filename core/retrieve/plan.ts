/**
 * A retrieval method as data: `dense(100) + keyword(100) > fuse > top 8` is a Plan, and prints as it was written.
 * Knows what a plan may hold and how it is printed; parse-plan.ts reads it, run-plan.ts runs it.
 */

/** What a language model writes to search for instead: a supposed answer, a broader question, other wordings. */
export const REWRITINGS = ['hyde', 'step-back', 'variants'] as const;
export type Rewriting = (typeof REWRITINGS)[number];

/** Nearest vectors, shared words, or the chunks of articles whose whole title is in the text. */
export const SOURCES = ['dense', 'keyword', 'title'] as const;

/** Where candidates come from; each finds up to `depth` of them. */
export interface Source {
  kind: (typeof SOURCES)[number];
  depth: number;
  /** The text that is searched for; the question itself when absent. */
  text?: Rewriting;
}

/**
 * Has a cross-encoder read the question with each of the first `depth` passages, or with as many as `budgetMs` allow, then with
 * the best part of each of the `parts` best (none when absent); the higher logit of a passage counts.
 * `share` of the new score (all of it when absent) is the cross-encoder's, the rest is the old score.
 */
export interface Rerank {
  kind: 'rerank';
  depth: number;
  parts?: number;
  budgetMs?: number;
  share?: number;
}

/** What is done with the candidates, in order. */
export type Step =
  /** Joins several sources by reciprocal rank fusion; one weight for each source, 1 when absent. */
  | { kind: 'fuse'; weights?: number[] }
  /** Joins them by their scores, rescaled to be comparable and weighted. */
  | { kind: 'blend'; weights?: number[] }
  | Rerank
  /** Adds, behind each passage, those up to `reach` places before and after it in the same article. */
  | { kind: 'neighbours'; reach: number }
  /** Leaves out near-duplicates; passages of one article after the first `perArticle` go behind all others. */
  | { kind: 'diverse'; perArticle?: number }
  /** Keeps the best `k`. */
  | { kind: 'top'; k: number };

export interface Plan {
  /** Empty for `none`: no passages at all. */
  sources: Source[];
  steps: Step[];
}

/** The plan without passages. */
export const NO_PLAN = 'none';

export function printSource({ kind, depth, text }: Source): string {
  return call(kind, [depth, text]);
}

export function printStep(step: Step): string {
  switch (step.kind) {
    case 'top':
      return `top ${step.k}`;
    case 'fuse':
    case 'blend':
      return call(step.kind, step.weights ?? []);
    case 'rerank':
      return call(step.kind, [
        step.depth,
        step.parts === undefined ? undefined : `${step.parts} parts`,
        step.budgetMs === undefined ? undefined : `${step.budgetMs}ms`,
        step.share,
      ]);
    case 'neighbours':
      return call(step.kind, [step.reach]);
    case 'diverse':
      return call(step.kind, [step.perArticle]);
  }
}

export function printPlan(plan: Plan): string {
  if (plan.sources.length === 0) return NO_PLAN;
  return [plan.sources.map(printSource).join(' + '), ...plan.steps.map(printStep)].join(' > ');
}

function call(name: string, values: (string | number | undefined)[]): string {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? name : `${name}(${given.join(', ')})`;
}
