/**
 * Which sentences answer the question, judged by a cross-encoder that reads each with it, and whether any passage does.
 * Knows logits and passages; nothing about the model behind them. README.md has the gain over counting shared words.
 */
import { passageText } from '../corpus/passage.ts';
import type { Hit } from '../types.ts';
import { type Candidate, type PassageSentence, statementsOf } from './extract.ts';

/** Logits of the texts for the question, one a text in order; the list ends where the time ran out. */
export type Judge = (question: string, texts: string[]) => Promise<ArrayLike<number>>;

/**
 * Least logit of the best passage: below it nothing is answered. Chosen for ms-marco's cross-encoders, with questions
 * whose article was removed (`npm run bench -- abstention`).
 */
const RELEVANT_LOGIT = 1;
/** Passages whose sentences are read: the answer is in the first three for 93 of 100 questions. */
const PASSAGES = 3;
/** A sentence's score is exp((logit - best logit) / SCALE): one within 1 of the best still comes near it. */
const SCALE = 10;

/** Whether any passage answers the question; undefined if no cross-encoder has read them. */
export function isAnswered(passages: Hit[]): boolean | undefined {
  const logits = passages.flatMap(({ logit }) => logit ?? []);
  return logits.length === 0 ? undefined : Math.max(...logits) >= RELEVANT_LOGIT;
}

/** A sentence and its logits for the question, read alone and after the sentence before it. */
export interface JudgedSentence {
  sentence: PassageSentence;
  alone: number;
  withPrevious: number;
}

/**
 * Sentences of the first passages if read both ways; for a passage's first one both ways are the same.
 * @param likely sentences to read first, best first, since the time may run out; the others follow in the passages' order
 */
export async function judgeSentences(
  question: string,
  passages: Hit[],
  judge: Judge,
  likely: PassageSentence[] = [],
): Promise<JudgedSentence[]> {
  const placeOf = ({ passage, quote }: PassageSentence) => `${passage} ${quote.start}`;
  const turns = new Map(likely.map((sentence, turn) => [placeOf(sentence), turn]));
  const turnOf = (sentence: PassageSentence) => turns.get(placeOf(sentence)) ?? likely.length;
  const statements = statementsOf(passages.slice(0, PASSAGES)).sort((a, b) => turnOf(a) - turnOf(b));
  const texts = statements.map(({ passage, text, withPrevious }) => {
    const { chunk } = passages[passage] as Hit;
    return {
      alone: passageText({ ...chunk, text }),
      withPrevious: passageText({ ...chunk, text: withPrevious }),
    };
  });
  const distinct = [...new Set(texts.flatMap(({ alone, withPrevious }) => [alone, withPrevious]))];
  const logits = await judge(question, distinct);
  const logitOf = new Map(distinct.map((text, index) => [text, logits[index]]));
  return statements.flatMap(({ passage, quote, text }, index) => {
    const read = texts[index] as (typeof texts)[number];
    const alone = logitOf.get(read.alone);
    const withPrevious = logitOf.get(read.withPrevious);
    if (alone === undefined || withPrevious === undefined) return [];
    return { sentence: { passage, quote, text }, alone, withPrevious };
  });
}

/**
 * Ranks the sentences, best first, by the mean of both logits (the second reading knows who "she" is) or by another
 * `logitOf`. A score is 0..1, by how far the sentence is from the best.
 */
export function rankJudged(
  judged: JudgedSentence[],
  logitOf = ({ alone, withPrevious }: JudgedSentence) => (alone + withPrevious) / 2,
): Candidate[] {
  const best = Math.max(...judged.map(logitOf));
  return judged
    .map((one) => ({ ...one.sentence, score: Math.exp((logitOf(one) - best) / SCALE) }))
    .sort((a, b) => b.score - a.score);
}
