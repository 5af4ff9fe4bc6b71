/**
 * The contract of a reranker: how well a passage answers a question, read together. Knows nothing about where passages come from.
 */

export interface ScoreOptions {
  /** Passages are scored in their order until this time is over, at least one of them; all when absent. */
  budgetMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Reranker {
  /** The weights' name. */
  readonly name: string;
  /**
   * One logit a passage, in the order of `passages`, higher is better; fewer than passages where the time did not suffice.
   * The same pair gives the same logit whatever else is in the call.
   */
  score(question: string, passages: string[], options?: ScoreOptions): Promise<Float32Array>;
  close(): Promise<void>;
}
