/**
 * Which words of a question say nothing about what it asks for. Knows languages and words; nothing about search.
 */
import lists from 'stopword';

/**
 * Only grammatical words and question words. The package's English list also drops words such as “made” and “most”,
 * which costs 1.3 points of top-1 (1,302 questions over 38,145 chunks).
 */
const ENGLISH =
  'a an and are as at be been but by can did do does for from had has have how if in into is it its not of on or that the their there these they this to was were what when where which who whom whose why will with would'.split(
    ' ',
  );

const BY_LANGUAGE = new Map<string, string[]>();
for (const [name, words] of Object.entries(lists)) {
  // Lists are named by ISO 639-3 code (`deu`, `porBr`); a Locale turns it into the BCP 47 one. `_123` are digits.
  if (!Array.isArray(words) || !/^[a-z]{3}/.test(name)) continue;
  const { language } = new Intl.Locale(name.slice(0, 3));
  BY_LANGUAGE.set(language, [...(BY_LANGUAGE.get(language) ?? []), ...words]);
}
BY_LANGUAGE.set('en', ENGLISH);

/**
 * Stop words in lower case.
 * @param languages BCP 47 tags; one without a list has no stop words
 */
export function stopWords(languages: string[]): Set<string> {
  const words = new Set<string>();
  for (const tag of languages)
    for (const word of BY_LANGUAGE.get(tag.toLowerCase().split('-')[0] ?? '') ?? [])
      words.add(word.toLowerCase());
  return words;
}
