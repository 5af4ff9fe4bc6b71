/**
 * The part of a passage that a question is most likely about. Knows words and sentences; nothing about models or plans.
 */
import { contentKeys, wordsOf } from '../answer/words.ts';
import { sentenceSpans } from '../corpus/sentences.ts';

/** In characters: about 55 English words, half of what a passage has on average. */
const PART = 330;
/** A passage that is hardly longer is its own best part. */
const LONG = 420;

/**
 * The run of whole sentences, within 330 characters if there is more than one, that has most of the question's words; of equal ones
 * the first. Undefined if the whole text is hardly longer than that.
 * @param language of the text, BCP 47; empty where unknown
 */
export function bestPart(question: string, text: string, language: string): string | undefined {
  if (text.length <= LONG) return undefined;
  const asked = contentKeys(wordsOf(question, language));
  const sentences = sentenceSpans(text, language).map(({ start, end }) => {
    const keys = contentKeys(wordsOf(text.slice(start, end), language));
    return { start, end, shared: [...keys].filter((key) => asked.has(key)) };
  });
  let best = { start: 0, end: text.length, shared: -1 };
  sentences.forEach(({ start }, from) => {
    const run = sentences.slice(from).filter(({ end }, index) => index === 0 || end - start <= PART);
    const shared = new Set(run.flatMap((sentence) => sentence.shared)).size;
    if (shared > best.shared) best = { start, end: run.at(-1)?.end ?? start, shared };
  });
  return text.slice(best.start, best.end);
}
