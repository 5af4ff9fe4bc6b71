/**
 * How a text is split into terms: the same for a passage that is indexed and for a question that is asked.
 * Knows scripts and stems; nothing about postings or scores.
 */
import { stemmer } from 'stemmer';
import type { KeywordTokenizer } from '../../types.ts';

/** Most different words of a question that are searched for; later ones are dropped. */
export const MAX_WORDS = 64;
/** A term is cut to this many characters; nothing longer is a word. */
const TERM_CHARACTERS = 48;
/** Most stems cached: many times the number of a language's frequent words. */
const STEMS_KEPT = 100_000;

/** Marks are part of words: otherwise every vowel sign would end a word of Hindi, Bengali or Tamil. */
const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;
const ASCII_WORD = /[a-z0-9]+/g;
const ASCII = /^[\0-\x7f]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** A function that returns the terms of a text, in order and with repetitions. */
export function termReader(tokenizer: KeywordTokenizer): (text: string) => string[] {
  if (tokenizer === 'unicode61') return plainWords;
  if (tokenizer === 'segmenter') return (text) => [...segments(text)].flatMap(plainWords);
  let stems = new Map<string, string>();
  const stem = (word: string): string => {
    const known = stems.get(word);
    if (known !== undefined) return known;
    if (stems.size === STEMS_KEPT) stems = new Map();
    const found = stemmer(word);
    stems.set(word, found);
    return found;
  };
  return (text) => plainWords(text).map(stem);
}

/** The words of a text in lower case, otherwise unchanged. */
export function wordsOf(text: string, tokenizer: KeywordTokenizer): string[] {
  const spaced = tokenizer === 'segmenter' ? [...segments(text)].join(' ') : text;
  return spaced.toLowerCase().match(WORD) ?? [];
}

/** Words in lower case and without accents. */
function plainWords(text: string): string[] {
  const lower = text.toLowerCase();
  const found = ASCII.test(lower) ? lower.match(ASCII_WORD) : withoutAccents(lower).match(WORD);
  return found?.map((word) => (word.length > TERM_CHARACTERS ? word.slice(0, TERM_CHARACTERS) : word)) ?? [];
}

function withoutAccents(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
}

/**
 * The question's different words in lower case, in order, without `stopWords`, at most {@link MAX_WORDS};
 * if it has only stop words, those. Reads no further than it must.
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

/** Dictionary segments (ICU's). */
function* segments(text: string): Generator<string> {
  for (const { segment, isWordLike } of segmenter.segment(text)) if (isWordLike) yield segment;
}
