/**
 * What a word costs to search for: in how many rows it is. Bounds the work of one question by a setting instead of the corpus:
 * the rarest words of a question tell most, and the commonest cost most.
 * Knows the keyword index's vocabulary; nothing about questions or ranking.
 */
import { stemmer } from 'stemmer';
import type { KeywordTokenizer } from '../types.ts';
import { type Database, transaction } from './database.ts';

/** Words in fewer rows than this are not counted: they cost next to nothing. */
const COMMON_ROWS = 1_000;
/** Rows that the words of one question may be in, all together. */
export const ROWS_A_QUESTION = 2_000_000;

/** Counts the rows of every common word, in one pass over the index. */
export async function countCommonWords(database: Database): Promise<void> {
  await transaction(database, async () => {
    await database.query('DROP TABLE IF EXISTS temp.vocabulary');
    await database.query(`CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, 'row')`);
    await database.query('DELETE FROM common_word');
    await database.query('INSERT INTO common_word SELECT term, doc FROM temp.vocabulary WHERE doc >= ?', [
      COMMON_ROWS,
    ]);
  });
}

/** The words, in their order, without the commonest ones that together go over `budget` rows; the rarest always stays. */
export async function affordableWords(
  database: Database,
  words: string[],
  tokenizer: KeywordTokenizer,
  budget = ROWS_A_QUESTION,
): Promise<string[]> {
  const counted = await database.query<{ word: string; rows: number }>(
    'SELECT word, rows FROM common_word WHERE word IN (SELECT value FROM json_each(?))',
    [JSON.stringify(words.map((word) => indexedForm(word, tokenizer)))],
  );
  const rowsOf = new Map(counted.map(({ word, rows }) => [word, rows]));
  const priced = words.map((word) => ({ word, rows: rowsOf.get(indexedForm(word, tokenizer)) ?? 0 }));
  const kept = new Set<string>();
  let spent = 0;
  for (const { word, rows } of priced.sort((a, b) => a.rows - b.rows)) {
    spent += rows;
    if (kept.size > 0 && spent > budget) break;
    kept.add(word);
  }
  return words.filter((word) => kept.has(word));
}

/** Near enough what FTS5 makes of a word: where it differs, the word counts as a rare one. */
function indexedForm(word: string, tokenizer: KeywordTokenizer): string {
  const plain = word
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
  return tokenizer === 'porter' ? stemmer(plain) : plain;
}
