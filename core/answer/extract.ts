/**
 * Answers without a language model: quotes the sentences of the passages that best fit the question, by the words that
 * they share with it. Knows texts and ranks; never sees a model or a platform.
 */
import { type Span, sentenceSpans } from '../corpus/sentences.ts';
import type { Hit } from '../types.ts';
import { wantedKind } from './answer-kind.ts';
import type { CheckedSentence } from './citations.ts';
import { contentKeys, type Word, wordsOf } from './words.ts';

export interface ExtractRequest {
  question: string;
  passages: Hit[];
  /** BCP 47 tag of the question; each passage has its own tag. */
  language: string;
}

/** A sentence of a passage, word for word. */
export interface PassageSentence {
  passage: number;
  quote: Span;
  text: string;
}

/** A sentence as an answer. */
export interface Candidate extends PassageSentence {
  /** Above 0; comparable only within one ranking. */
  score: number;
}

/** A sentence that can stand in an answer. */
export interface Statement extends PassageSentence {
  /** The text together with the sentence before it, where the passage has one. */
  withPrevious: string;
}

/** Below this share of the question's weight, a passage or sentence is off topic (tuned on 100 real questions). */
const RELEVANT = 0.4;
/** Share of the question's names that a passage must hold: the first name alone may be another person's. */
const MOST_NAMES = 0.6;
/** A further sentence must come near to the best. */
const NEAR = 0.9;
const KIND_BONUS = 0.35;
const RANK_COST = 0.03;
/** In characters: a longer sentence says more than was asked; one below SHORTEST says too little to stand alone. */
const LONGEST = 400;
export const SHORTEST = 20;
/** Words of the neighbouring sentences and of the title count for less than the sentence's own. */
const NEARBY = 0.4;
const TITLE = 0.75;

/** A row of a table or list has none: it may be the first sentence of an answer, but not a further one. */
const SENTENCE_END = /[.!。！…]["'”’»)\]]*$/u;

/** An answer from the best candidates: at most `most` sentences, each with its place; undefined if there are none. */
export function quoteBest(candidates: Candidate[], most: number): CheckedSentence[] | undefined {
  const [best] = candidates;
  if (best === undefined) return undefined;
  const chosen: Candidate[] = [];
  for (const candidate of candidates) {
    if (candidate.score < best.score * NEAR || chosen.length === most) break;
    const isRow = chosen.length > 0 && !SENTENCE_END.test(candidate.text);
    if (!isRow && !chosen.some(({ text }) => text === candidate.text)) chosen.push(candidate);
  }
  return chosen.map(({ text, passage, quote }) => ({ text, evidence: [{ passage, quote }] }));
}

/** Sentences that can stand in an answer, in the passages' order. */
export function statementsOf(passages: Hit[]): Statement[] {
  return passages.flatMap(({ chunk }, passage) =>
    sentenceSpans(chunk.text, chunk.language)
      .map((quote, index, spans) => ({
        passage,
        quote,
        text: chunk.text.slice(quote.start, quote.end),
        withPrevious: chunk.text.slice((spans[index - 1] ?? quote).start, quote.end),
      }))
      .filter(({ text }) => isStatement(text)),
  );
}

/** Sentences that share enough words with the question, best first; empty where none does. */
export function rankSentences({ question, passages, language }: ExtractRequest): Candidate[] {
  const asked = askedWords(question, language, passages[0]?.chunk.language ?? language);
  const wanted = contentKeys(asked);
  if (wanted.size === 0) return [];
  const read = passages.map(({ chunk }) => readPassage(chunk));
  const weight = weights(
    wanted,
    read.flatMap(({ sentences }) => sentences.map(({ keys }) => keys)),
  );
  const total = sum([...wanted].map(weight));
  const kind = wantedKind(question);
  const names = [
    ...new Set(asked.filter(({ kind, initial }) => kind === 'name' && !initial).map(({ key }) => key)),
  ];

  // A question in another language shares only names with the passages.
  const isForeign = passages[0] !== undefined && !passages[0].chunk.language.startsWith(language.slice(0, 2));
  const acts = isForeign ? [] : [...wanted].filter((key) => !names.includes(key));

  const candidates: Candidate[] = [];
  read.forEach(({ sentences, topic, all }, passage) => {
    const inPassage = sum([...wanted].filter((key) => all.has(key)).map(weight)) / total;
    if (inPassage < RELEVANT || names.filter((key) => all.has(key)).length < names.length * MOST_NAMES)
      return;
    sentences.forEach(({ quote, text, words, keys }, index) => {
      if (!isStatement(text)) return;
      const near = new Set([...(sentences[index - 1]?.keys ?? []), ...(sentences[index + 1]?.keys ?? [])]);
      const share = sum([...wanted].map((key) => weight(key) * place(key, keys, topic, near))) / total;
      if (acts.length > 0 && !acts.some((key) => topic.has(key) || words.some((word) => isAct(word, key))))
        return;
      if (share < RELEVANT) return;
      const fits = kind?.(text, words, wanted) === true;
      const score = share + (fits ? KIND_BONUS : 0) - passage * RANK_COST;
      candidates.push({ passage, quote, text, score });
    });
  });
  return candidates.sort((a, b) => b.score - a.score);
}

/** The question's words, stemmed for the passages' language, without the function words of its own language. */
function askedWords(question: string, language: string, passageLanguage: string): Word[] {
  const own = wordsOf(question, language).filter(({ kind }) => kind === 'function');
  const idle = new Set(own.map(({ start }) => start));
  return wordsOf(question, passageLanguage).filter(({ start }) => !idle.has(start));
}

/** Whether a word is the one asked about and not somebody's name ("born", not "Max Born"). */
function isAct(word: Word, key: string): boolean {
  return word.key === key && (word.kind !== 'name' || word.initial);
}

/** Whether a text has a suitable length and is neither a question nor the rest of a sentence ("'s layered …"). */
function isStatement(text: string): boolean {
  if (text.length < SHORTEST || text.length > LONGEST) return false;
  return !/[?？؟]/u.test(text) && !/^['’]?\p{Ll}/u.test(text);
}

function place(key: string, keys: Set<string>, topic: Set<string>, near: Set<string>): number {
  if (keys.has(key)) return 1;
  if (topic.has(key)) return TITLE;
  return near.has(key) ? NEARBY : 0;
}

interface ReadSentence {
  quote: Span;
  text: string;
  words: Word[];
  keys: Set<string>;
}

function readPassage(chunk: Hit['chunk']): {
  sentences: ReadSentence[];
  topic: Set<string>;
  all: Set<string>;
} {
  const topic = contentKeys(wordsOf([chunk.title, ...chunk.section].join(' : '), chunk.language));
  const sentences = sentenceSpans(chunk.text, chunk.language).map((quote) => {
    const text = chunk.text.slice(quote.start, quote.end);
    const words = wordsOf(text, chunk.language);
    return { quote, text, words, keys: contentKeys(words) };
  });
  return { sentences, topic, all: new Set([...topic, ...sentences.flatMap(({ keys }) => [...keys])]) };
}

/** Inverse document frequency over the sentences at hand, as in BM25: ln(1 + (N - n + 0.5) / (n + 0.5)). */
function weights(wanted: Set<string>, sentences: Set<string>[]): (key: string) => number {
  const table = new Map<string, number>();
  for (const key of wanted) {
    const holding = sentences.filter((keys) => keys.has(key)).length;
    table.set(key, Math.log(1 + (sentences.length - holding + 0.5) / (holding + 0.5)));
  }
  return (key) => table.get(key) ?? 0;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
