/**
 * What a sentence claims that its question did not say already. Knows two texts and question words of a few languages; no passage.
 *
 * A weak model answers "What does a T cell extend when it meets a pathogen?" with "A T cell extends when it meets a pathogen.", each
 * word of which a passage holds: what has to be held is what such a sentence adds.
 */
import { isAmong, type Word } from './words.ts';

const ASKS =
  /(?<!\p{L})(what|which|who|whom|whose|when|where|why|how|wer|wen|wem|wessen|wann|wo|woher|wohin|warum|weshalb|wieso|wie|welche\p{L}?|qui|que|quoi|où|quand|pourquoi|comment|combien|quel\p{L}*|quién\p{L}*|qué|dónde|cuándo|cómo|cuánt\p{L}*|cuál\p{L}*)(?!\p{L})/iu;
/** These may be answered with the question's own words. */
const OFFERS =
  /^\P{L}*(is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might)\s|\s(or|oder|ou|o)\s/iu;

/** The words that carry the claim and that the question does not have; undefined where the question may be answered with its own. */
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

/** Signs of a formula, of which words are the smaller part; one dollar sign is money. */
export function holdsFormula(text: string): boolean {
  return /\${2}|[\\^=≠≤≥≡∑∏∫√∞⊂⊊⊆]/u.test(text);
}
