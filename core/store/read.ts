/**
 * Reading a store: chunks by id and by range, and keyword search over them.
 * Knows the tables; nothing about processes.
 */
import { throwIfAborted } from '../errors.ts';
import type { Chunk, ChunkId, KeywordTokenizer } from '../types.ts';
import type { ChunkReader, ReadCheckpoint } from './chunk-store.ts';
import type { Database } from './database.ts';
import { chunkOf } from './entry.ts';
import { stopWords } from './stop-words.ts';
import { byWords, plainTitle, titleRuns } from './title.ts';
import { buildWords } from './words/build.ts';
import { openWords, type WordsFile } from './words/file.ts';
import { searchWords } from './words/search.ts';
import { questionWords, termReader } from './words/terms.ts';

/** Most rows to read of the articles that a question names: of all of them, and of each. */
const TITLED_ROWS = { all: 1_000, article: 300 };

/** The reader inside the store process, which gives chunks as the text of their entries. */
export interface EntryReader extends Omit<ChunkReader, 'get' | 'range'> {
  get(ids: ChunkId[]): Promise<string[]>;
  range(from: ChunkId, to: ChunkId): Promise<string[]>;
  /** Makes the word index unless it exists; yields how many rows are done. */
  indexWords(signal?: AbortSignal): AsyncGenerator<number, void>;
}

/** The reader of an open database. */
export async function entryReader(database: Database, tokenizer: KeywordTokenizer): Promise<EntryReader> {
  const checkpoint = await readCheckpoint(database);
  const languages = checkpoint?.languages ?? [];
  const stopped = stopWords(languages.length === 0 && tokenizer === 'porter' ? ['en'] : languages);

  const [titles] = await database.query(`SELECT 1 FROM sqlite_master WHERE name = 'title'`);
  const hasTitles = titles !== undefined; // older stores have none
  const termsOf = termReader(tokenizer);
  const wordsPath = wordsBeside(database.path);
  let words: WordsFile | undefined;

  const range = async (from: ChunkId, to: ChunkId) => {
    const rows = await database.query<Row>(
      'SELECT id, value FROM keyv WHERE id >= ? AND id < ? ORDER BY id',
      [from, to],
    );
    return rows.map(({ value }) => value);
  };

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
    range,
    async *indexWords(signal) {
      yield* buildWords({
        path: wordsPath,
        rows: await rowCount(database),
        tokenizer,
        range: async (from, to) => (await range(from, to)).map(chunkOf),
        signal,
      });
    },
    async keyword(question, k, { signal } = {}) {
      throwIfAborted(signal);
      const asked = questionWords(question, tokenizer, stopped);
      if (asked.length === 0) return [];
      words ??= openWords(wordsPath);
      return searchWords(words, asked.flatMap(termsOf), k);
    },
    async close() {
      words?.close();
      await database.close();
    },
    async titled(question, k, { signal } = {}) {
      throwIfAborted(signal);
      const runs = hasTitles ? titleRuns(question, tokenizer, stopped) : [];
      const firsts = await database.query<{ first: ChunkId }>(
        `SELECT first FROM json_each(?) CROSS JOIN title ON title = json_each.value ORDER BY key, first LIMIT ?`,
        [JSON.stringify(runs), TITLED_ROWS.all],
      );
      const chunks: Chunk[] = [];
      for (const { first } of firsts) {
        throwIfAborted(signal);
        if (chunks.length >= TITLED_ROWS.all) break;
        const rows = (await range(first, first + TITLED_ROWS.article)).map(chunkOf);
        chunks.push(...rows.filter(({ articleId }) => articleId === rows[0]?.articleId));
      }
      return byWords(chunks, questionWords(question, tokenizer, stopped), tokenizer).slice(0, k);
    },
    async titles(typed, k, { signal } = {}) {
      throwIfAborted(signal);
      const beginning = hasTitles ? plainTitle(typed, tokenizer) : '';
      if (beginning === '') return [];
      const rows = await database.query<{ title: string }>(
        `SELECT DISTINCT json_extract(value, '$.value.title') AS title FROM keyv JOIN
           (SELECT title AS plain, first FROM title WHERE title >= ? AND title < ? ORDER BY title, first LIMIT ?)
         ON id = first ORDER BY plain, first`,
        [beginning, `${beginning}\u{10ffff}`, k],
      );
      return rows.map(({ title }) => title);
    },
  };
}

/** The word index of the store at `path`. */
export function wordsBeside(path: string): string {
  return `${path.replace(/\.sqlite$/, '')}.words`;
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
