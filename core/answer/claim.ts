/**
 * What a sentence claims beyond its question. Knows two texts and question words of a few languages; no passage.
 *
 * A weak model answers "What does a T cell extend when it meets a pathogen?" with "A T cell extends when it meets a
 * pathogen.", every word of which is in a passage. So what has to be checked is what the sentence adds to the question.
 */
import { isAmong, JOINS, type Word } from './words.ts';

const ASKS =
  /(?<!\p{L})(what|which|who|whom|whose|when|where|why|how|wer|wen|wem|wessen|wann|wo|woher|wohin|warum|weshalb|wieso|wie|welche\p{L}?|qui|que|quoi|où|quand|pourquoi|comment|combien|quel\p{L}*|quién\p{L}*|qué|dónde|cuándo|cómo|cuánt\p{L}*|cuál\p{L}*)(?!\p{L})/iu;
/** Questions that may be answered with their own words. */
const OFFERS =
  /^\P{L}*(is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might)\s|\s(or|oder|ou|o)\s/iu;

/** Content words of the claim that the question lacks; undefined if the question may be answered with its own words. */
export function addedWords(claim: Word[], question: Word[], asked: string): Word[] | undefined {
  if (!ASKS.test(asked) || OFFERS.test(asked)) return undefined;
  const known = new Set(question.map(({ key }) => key));
  return claim.filter((word) => word.kind !== 'function' && !isAmong(known, word));
}

/** Whether a text breaks off before it says something: "The four caliphs were:", "The theorem states that". */
export function isBrokenOff(text: string, words: Word[]): boolean {
  const last = words.at(-1);
  return /:\s*$/u.test(text) || (last?.kind === 'function' && text.trimEnd().endsWith(last.text));
}

/** Whether a text is only names and numbers ("4 June 1980."): the passage may say of them something else than was asked. */
export function isFragment(words: Word[]): boolean {
  const told = words.filter(({ text }) => !JOINS.has(text.toLowerCase()));
  return told.every(({ kind }) => kind === 'name' || kind === 'number');
}

/** Signs of a formula, in which words are the smaller part; a single dollar sign means money. */
export function holdsFormula(text: string): boolean {
  return /\${2}|[\\^=≠≤≥≡∑∏∫√∞⊂⊊⊆]/u.test(text);
}
