/**
 * Reading a store: chunks by id and by range, and keyword search over them.
 * Knows the tables; nothing about processes.
 */
import { throwIfAborted } from '../errors.ts';
import type { ChunkId, KeywordTokenizer, Scored } from '../types.ts';
import type { ChunkReader, ReadCheckpoint } from './chunk-store.ts';
import { affordableRuns, affordableWords } from './common-words.ts';
import type { Database } from './database.ts';
import { matchAny, matchTitled, plainTitle, questionWords, titleRuns } from './keyword.ts';
import { stopWords } from './stop-words.ts';

/** BM25 weights of title, section and text; the section's was best at one half (1,302 questions over 38,145 chunks). */
const WEIGHTS = '2.0, 0.5, 1.0';

/** Rows whose title begins like one in the question, looked at for each that is wanted. */
const TITLED_LOOKED_AT = 10;

/** What a store gives its process: a chunk reader whose chunks are still the text of their entries. */
export interface EntryReader extends Omit<ChunkReader, 'get' | 'range'> {
  get(ids: ChunkId[]): Promise<string[]>;
  range(from: ChunkId, to: ChunkId): Promise<string[]>;
}

/** The reader of an open database. */
export async function entryReader(database: Database, tokenizer: KeywordTokenizer): Promise<EntryReader> {
  const checkpoint = await readCheckpoint(database);
  const languages = checkpoint?.languages ?? [];
  const stopped = stopWords(languages.length === 0 && tokenizer === 'porter' ? ['en'] : languages);

  return {
    count: () => rowCount(database),
    async get(ids) {
      const rows = await database.query<Row>(
        'SELECT id, value FROM keyv WHERE id IN (SELECT value FROM json_each(?))',
        [JSON.stringify(ids)],
      );
      const entries = new Map(rows.map(({ id, value }) => [id, value]));
      return ids.flatMap((id) => entries.get(id) ?? []);
    },
    async range(from, to) {
      const rows = await database.query<Row>(
        'SELECT id, value FROM keyv WHERE id >= ? AND id < ? ORDER BY id',
        [from, to],
      );
      return rows.map(({ value }) => value);
    },
    async keyword(question, k, { signal } = {}) {
      throwIfAborted(signal);
      const asked = questionWords(question, tokenizer, stopped);
      if (asked.length === 0) return [];
      const words = await affordableWords(database, asked, tokenizer);
      throwIfAborted(signal);
      // bm25() is the better the smaller: https://www.sqlite.org/fts5.html#the_bm25_function
      return database.query<Scored>(
        `SELECT rowid AS id, -bm25(words, ${WEIGHTS}) AS score FROM words WHERE words MATCH ? ORDER BY score DESC, id LIMIT ?`,
        [matchAny(words), k],
      );
    },
    async titled(question, k, { signal } = {}) {
      throwIfAborted(signal);
      const runs = await affordableRuns(database, titleRuns(question, tokenizer, stopped), tokenizer);
      const words = questionWords(question, tokenizer, stopped);
      if (runs.length === 0 || words.length === 0) return [];
      const rows = await database.query<Scored & { title: string }>(
        `SELECT id, score, json_extract(value, '$.value.title') AS title FROM keyv JOIN
           (SELECT rowid AS row, -bm25(words, 0, 0.5, 1) AS score FROM words WHERE words MATCH ? ORDER BY score DESC, row LIMIT ?)
         ON id = row ORDER BY score DESC, id`,
        [matchTitled(runs, words), k * TITLED_LOOKED_AT],
      );
      const named = new Set(runs);
      return rows
        .filter(({ title }) => named.has(plainTitle(title, tokenizer)))
        .slice(0, k)
        .map(({ id, score }) => ({ id, score }));
    },
    close: () => database.close(),
  };
}

/** The checkpoint of the last transaction, or undefined in a fresh store. */
export async function readCheckpoint(database: Database): Promise<ReadCheckpoint | undefined> {
  const [row] = await database.query<{ value: string }>(`SELECT value FROM state WHERE name = 'checkpoint'`);
  return row === undefined ? undefined : (JSON.parse(row.value) as ReadCheckpoint);
}

/** Number of chunks: their ids are 0..count-1. */
export async function rowCount(database: Database): Promise<number> {
  const [row] = await database.query<{ count: number }>('SELECT coalesce(max(id) + 1, 0) AS count FROM keyv');
  return row?.count ?? 0;
}

interface Row {
  id: ChunkId;
  value: string;
}
