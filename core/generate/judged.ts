/**
 * Which sentences answer the question, by a cross-encoder that reads each with it, and whether any passage does. Knows logits
 * and passages; nothing about the model behind them. What it gains over shared words stands in README.md beside this file.
 */
import { passageText } from '../corpus/passage.ts';
import type { Hit } from '../types.ts';
import { type Candidate, statementsOf } from './extract.ts';

/** Logits of the texts for the question, as many from the first as were read. */
export type Judge = (question: string, texts: string[]) => Promise<ArrayLike<number>>;

/**
 * Least logit of the best passage: below it nothing is answered. Chosen for ms-marco's cross-encoders over questions whose article was
 * taken out (`npm run bench -- abstention`).
 */
const RELEVANT_LOGIT = 1;
/** Passages whose sentences are read: the answer is in the first three for 93 of 100 questions. */
const PASSAGES = 3;
/** A sentence's score is exp((logit - best logit) / SCALE): one within 1 of the best still comes near it. */
export const SCALE = 10;

/** Whether a passage tells what was asked; undefined where no cross-encoder has read them. */
export function isAnswered(passages: Hit[]): boolean | undefined {
  const logits = passages.flatMap(({ logit }) => logit ?? []);
  return logits.length === 0 ? undefined : Math.max(...logits) >= RELEVANT_LOGIT;
}

/**
 * The first passages' sentences, best first, each scored 0..1 by how far it is from the best. Each is read twice, alone and after the
 * sentence before it, which tells who "she" is; the mean of both logits counts.
 */
export async function judgeSentences(question: string, passages: Hit[], judge: Judge): Promise<Candidate[]> {
  const statements = statementsOf(passages.slice(0, PASSAGES)).map(({ led, ...statement }) => {
    const { chunk } = passages[statement.passage] as Hit;
    return { statement, readings: [statement.text, led].map((text) => passageText({ ...chunk, text })) };
  });
  const texts = [...new Set(statements.flatMap(({ readings }) => readings))];
  const logits = await judge(question, texts);
  const logitOf = new Map(
    texts.slice(0, logits.length).map((text, index) => [text, logits[index] as number]),
  );
  const read = statements.flatMap(({ statement, readings }) => {
    const [alone, after] = readings.map((text) => logitOf.get(text));
    return alone === undefined || after === undefined ? [] : { statement, logit: (alone + after) / 2 };
  });
  const best = Math.max(...read.map(({ logit }) => logit));
  return read
    .map(({ statement, logit }) => ({ ...statement, score: Math.exp((logit - best) / SCALE) }))
    .sort((a, b) => b.score - a.score);
}
