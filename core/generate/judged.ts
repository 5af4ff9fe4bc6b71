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
const SCALE = 10;

/** Whether a passage tells what was asked; undefined where no cross-encoder has read them. */
export function isAnswered(passages: Hit[]): boolean | undefined {
  const logits = passages.flatMap(({ logit }) => logit ?? []);
  return logits.length === 0 ? undefined : Math.max(...logits) >= RELEVANT_LOGIT;
}

/** The first passages' sentences, best first, each scored 0..1 by how far it is from the best. */
export async function judgeSentences(question: string, passages: Hit[], judge: Judge): Promise<Candidate[]> {
  const statements = statementsOf(passages.slice(0, PASSAGES));
  const logits = await judge(
    question,
    statements.map(({ passage, text }) => passageText({ ...(passages[passage] as Hit).chunk, text })),
  );
  const best = Math.max(...Array.from(logits));
  return statements
    .slice(0, logits.length)
    .map((statement, index) => ({
      ...statement,
      score: Math.exp(((logits[index] as number) - best) / SCALE),
    }))
    .sort((a, b) => b.score - a.score);
}
