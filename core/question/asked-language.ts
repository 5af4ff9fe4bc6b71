/**
 * Detects the language of a question that is in none of the expected ones. Knows words, not builds; the detector is
 * loaded with the first question, since loading takes a third of a second.
 */

/** Fewest words from which a language is detected; fewer may be a name. */
const WORDS = 3;
/** An expected language is kept from this share of the top score on: none of 6,032 English questions is misjudged. */
const NEAR = 0.7;

const words = new Intl.Segmenter(undefined, { granularity: 'word' });

/**
 * BCP 47 tag of the question's language; undefined if it may be one of `expected` (tags, `*` for any) or is unclear.
 * Capitalised words after the first are left out: names belong to no language.
 */
export async function otherLanguage(question: string, expected: string[]): Promise<string | undefined> {
  if (expected.length === 0 || expected.includes('*')) return undefined;
  const plain = question.replace(/(?<=\S\s+)\p{Lu}\S*/gu, ' ');
  const said = [...words.segment(plain)].filter(({ isWordLike }) => isWordLike);
  if (said.length < WORDS) return undefined;
  const { eld } = await import('eld/extrasmall');
  const known = new Set(Object.values(eld.info().Languages));
  const codes = expected.map(languageCode).filter((code) => known.has(code));
  if (codes.length === 0) return undefined;
  const told = eld.detect(plain);
  const scores = told.getScores();
  const likely = Math.max(...codes.map((code) => scores[code] ?? 0));
  return told.isReliable() && likely < NEAR * (scores[told.language] ?? 0) ? told.language : undefined;
}

/** The language of a tag, without its region or script; tags that corpora bring may have any form. */
function languageCode(tag: string): string {
  return /^[a-z]{2,3}(?![a-z])/.exec(tag.toLowerCase())?.[0] ?? 'und';
}

const NAMES = new Intl.DisplayNames('en', { type: 'language' });

/** English names of languages, joined for use in a sentence. */
export function languageNames(tags: string[]): string {
  return tags.map((tag) => NAMES.of(languageCode(tag)) ?? tag).join(', ');
}
