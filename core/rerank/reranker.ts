/**
 * The contract of a reranker: how well a passage answers a question, the two read together. Knows no passage's origin.
 */

export interface ScoreOptions {
  /** Passages are scored in order until this time is over, but at least one of them; all when absent. */
  budgetMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Reranker {
  /** The weights' name. */
  readonly name: string;
  /**
   * One logit for each passage, in order, higher is better; fewer than there are passages if the time ran out.
   * The same pair gives the same logit, whatever else is in the call.
   */
  score(question: string, passages: string[], options?: ScoreOptions): Promise<Float32Array>;
  close(): Promise<void>;
}
