/**
 * How a question and its passages are given to a cross-encoder: how much of them, in which order, for how long.
 * Knows tokens and time; nothing about weights or processes.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { throwIfAborted } from '../errors.ts';

/** A cross-encoder, as far as it is needed here. */
export interface PairModel {
  /** Token ids of a text, without special ones. */
  tokenize(text: string): number[];
  /** One logit for each pair, in one run of the model. */
  run(question: number[], passages: number[][]): Promise<Float32Array>;
}

export interface PairRequest {
  question: string;
  passages: string[];
  /** Milliseconds after which no further passage is started; one is always read. */
  budgetMs?: number | undefined;
}

/**
 * Tokens read of a question and of a passage (its place in the article included): with three special tokens, the 512
 * positions of BERT. Most passages are a third of that and read whole (cost of reading less: core/retrieve/README.md).
 */
const QUESTION_TOKENS = 64;
const PASSAGE_TOKENS = 445;
/** Characters read of a question and of a passage: far more than the tokens hold, far too few to tokenise slowly. */
const CHARACTERS = { question: 500, passage: 4_000 };

/**
 * One logit for each passage, in order, until the time runs out.
 * Each pair is a run of its own: an int8 model derives the scale of its activations from the whole batch, so the same
 * pair would score differently in a batch; and batches are hardly faster.
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
