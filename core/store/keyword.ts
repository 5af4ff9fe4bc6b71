/**
 * How a text falls into the words of the keyword index, and a question into a search for them.
 * Knows FTS5's tokenizers and its query language; runs no SQL.
 */
import type { KeywordTokenizer } from '../types.ts';

/** Most different words of a question that are searched; later ones are dropped. */
export const MAX_WORDS = 64;

/** Marks belong to words: without them every vowel sign would end a word of Hindi, Bengali or Tamil. */
const UNICODE = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'";

/** FTS5's `tokenize` option (https://www.sqlite.org/fts5.html#tokenizers). */
export const TOKENIZE: Record<KeywordTokenizer, string> = {
  porter: `porter ${UNICODE}`,
  unicode61: UNICODE,
  segmenter: UNICODE,
};

const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The text as the index takes it: for the segmenter, dictionary segments (ICU's) with spaces between them. */
export function indexedText(text: string, tokenizer: KeywordTokenizer): string {
  return tokenizer === 'segmenter' ? [...segments(text)].join(' ') : text;
}

/**
 * The question's different words in lower case, in order, without `stopWords`, at most {@link MAX_WORDS};
 * where it has nothing but stop words, those. Reads no further than it must.
 */
export function questionWords(
  question: string,
  tokenizer: KeywordTokenizer,
  stopWords: ReadonlySet<string>,
): string[] {
  const found = new Set<string>();
  const stopped = new Set<string>();
  const texts = tokenizer === 'segmenter' ? segments(question) : [question];
  for (const text of texts)
    for (const [match] of text.matchAll(WORD)) {
      const word = match.toLowerCase();
      if (!stopWords.has(word)) found.add(word);
      else if (stopped.size < MAX_WORDS) stopped.add(word);
      if (found.size === MAX_WORDS) return [...found];
    }
  return [...(found.size > 0 ? found : stopped)];
}

/** Any of the words, each as a string of FTS5's query language, where no character but the quote has a meaning. */
export function matchAny(words: string[]): string {
  return words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' OR ');
}

function* segments(text: string): Generator<string> {
  for (const { segment, isWordLike } of segmenter.segment(text)) if (isWordLike) yield segment;
}
