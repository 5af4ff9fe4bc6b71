/**
 * How a question and its passages are put before a cross-encoder: what of them is read, in which order, for how long.
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

/** Tokens of a pair, special ones included, and of the question in it; what is longer is cut. */
const PAIR_TOKENS = 192;
const QUESTION_TOKENS = 64;
const SPECIAL_TOKENS = 3;
/** No token has more characters than this in running text: what lies beyond need not be tokenised. */
const TOKEN_CHARACTERS = 8;

/**
 * One logit a passage, in their order, as far as the time goes.
 * Each pair is a run of its own: an int8 model takes the scale of its activations from the whole batch, so in company the same
 * pair would get another score; and longer runs are hardly faster (README.md has the figures).
 */
export async function scorePairs(
  model: PairModel,
  { question, passages, budgetMs = Infinity }: PairRequest,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const started = performance.now();
  const asked = model
    .tokenize(question.slice(0, QUESTION_TOKENS * TOKEN_CHARACTERS))
    .slice(0, QUESTION_TOKENS);
  const room = PAIR_TOKENS - SPECIAL_TOKENS - asked.length;
  const logits: number[] = [];
  for (const passage of passages) {
    throwIfAborted(signal);
    if (logits.length > 0 && performance.now() - started >= budgetMs) break;
    const read = model.tokenize(passage.slice(0, room * TOKEN_CHARACTERS)).slice(0, room);
    const [logit] = await model.run(asked, [read]);
    logits.push(logit as number);
    await breathe(); // lets a cancel message in
  }
  return Float32Array.from(logits);
}
