/**
 * How a question and its passages are put before a cross-encoder: how much of them is read, in which order, for how long.
 * Knows tokens and time; nothing about weights or processes.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { throwIfAborted } from '../errors.ts';

/** A cross-encoder as it is needed here. */
export interface PairModel {
  /** Token ids of a text, without special ones. */
  tokenize(text: string): number[];
  /** One logit a pair; one run of the model. */
  run(question: number[], passages: number[][]): Promise<Float32Array>;
}

export interface PairRequest {
  question: string;
  passages: string[];
  /** Milliseconds after which no further passage is begun; one is always read. */
  budgetMs?: number | undefined;
}

/**
 * Tokens that are read of a question and of a passage, its place in the article included: with three special ones the 512 that BERT has
 * positions for. Most passages are a third of that and are read whole (core/retrieve/README.md: what it costs to read less).
 */
const QUESTION_TOKENS = 64;
const PASSAGE_TOKENS = 445;
/** Characters that are read of a question and of a passage: far more than tokens have room for, far less than what would take time. */
const CHARACTERS = { question: 500, passage: 4_000 };

/**
 * One logit a passage, in their order, as far as the time goes.
 * Each pair is a run of its own: an int8 model takes the scale of its activations from the whole batch, so in company the same
 * pair would get another score; and longer runs are hardly faster.
 */
export async function scorePairs(
  model: PairModel,
  { question, passages, budgetMs = Infinity }: PairRequest,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const started = performance.now();
  const begin = question.slice(0, CHARACTERS.question);
  const asked = model.tokenize(begin).slice(0, QUESTION_TOKENS);
  const logits: number[] = [];
  for (const passage of passages) {
    throwIfAborted(signal);
    if (logits.length > 0 && performance.now() - started >= budgetMs) break;
    const read = model.tokenize(passage.slice(0, CHARACTERS.passage)).slice(0, PASSAGE_TOKENS);
    const [logit] = await model.run(asked, [read]);
    logits.push(logit as number);
    await breathe(); // lets a cancel message in
  }
  return Float32Array.from(logits);
}
