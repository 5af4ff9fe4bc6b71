/**
 * Articles that a question names: which runs of its words may be a title, and which rows of the articles fit it best.
 * Knows words; runs no SQL.
 */
import { stemmer } from 'stemmer';
import type { Chunk, ChunkId, KeywordTokenizer, NewChunk, Scored } from '../types.ts';
import type { Statement } from './database.ts';
import { MAX_WORDS, wordsOf } from './words/terms.ts';

/** Words of the longest title that is looked for in a question. */
const TITLE_WORDS = 6;

/**
 * Runs of up to {@link TITLE_WORDS} words of the question that may be a title, longest first, in lower case, joined by
 * spaces. A single stop word is not one.
 */
export function titleRuns(
  question: string,
  tokenizer: KeywordTokenizer,
  stopWords: ReadonlySet<string>,
): string[] {
  const words = wordsOf(question, tokenizer).slice(0, MAX_WORDS);
  const runs = new Set<string>();
  for (let length = Math.min(TITLE_WORDS, words.length); length > 0; length -= 1)
    for (let from = 0; from + length <= words.length; from += 1) {
      const run = words.slice(from, from + length).join(' ');
      if (!stopWords.has(run)) runs.add(run);
    }
  return [...runs];
}

/** A title in the form of {@link titleRuns}, without its disambiguation ("Force (novel)"). */
export function plainTitle(title: string, tokenizer: KeywordTokenizer): string {
  return wordsOf(title.replace(/ \([^()]*\)$/, ''), tokenizer).join(' ');
}

/** Inserts the titles of articles that begin among `chunks`, whose rows begin at `first`; undefined if none does. */
export function insertTitles(
  first: ChunkId,
  chunks: NewChunk[],
  tokenizer: KeywordTokenizer,
): Statement | undefined {
  const values = chunks.flatMap(({ position, title }, offset) =>
    position === 0 ? [plainTitle(title, tokenizer), first + offset] : [],
  );
  if (values.length === 0) return undefined;
  const rows = Array(values.length / 2)
    .fill('(?,?)')
    .join(',');
  return { sql: `INSERT INTO title (title, first) VALUES ${rows}`, values };
}

/**
 * The chunks, best first, by the sum of ln(1 + chunks / chunks with the word) over the question's words that each has,
 * so that a word in every chunk counts little. Equal ones keep their order.
 */
export function byWords(chunks: Chunk[], question: string[], tokenizer: KeywordTokenizer): Scored[] {
  const stem = (word: string) => (tokenizer === 'porter' ? stemmer(word) : word);
  const asked = new Set(question.map(stem));
  const held = chunks.map(
    ({ section, text }) =>
      new Set(
        wordsOf([...section, text].join(' '), tokenizer)
          .map(stem)
          .filter((word) => asked.has(word)),
      ),
  );
  const worth = new Map<string, number>();
  for (const word of asked) {
    const having = held.filter((words) => words.has(word)).length;
    worth.set(word, Math.log(1 + chunks.length / Math.max(1, having)));
  }
  return chunks
    .map(({ id }, index) => ({
      id,
      score: [...(held[index] ?? [])].reduce((sum, word) => sum + (worth.get(word) ?? 0), 0),
    }))
    .sort((a, b) => b.score - a.score);
}
