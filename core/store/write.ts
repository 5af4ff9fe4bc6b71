/**
 * Writing a store: chunks as Keyv entries in batches, their keyword entries, and the checkpoint, in one transaction each.
 * Knows the tables; nothing about processes.
 */
import { CoreError } from '../errors.ts';
import type { ChunkId, KeywordTokenizer, NewChunk } from '../types.ts';
import type { ChunkWriter, ReadCheckpoint } from './chunk-store.ts';
import { countCommonWords } from './common-words.ts';
import { type Database, runAll, type Statement, transaction } from './database.ts';
import { entryOf } from './entry.ts';
import { indexedText } from './keyword.ts';
import { readCheckpoint, rowCount } from './read.ts';
import { insertTitles } from './title.ts';

/** Rows a statement: bound values are 30 % faster than one JSON text for `json_each`, and SQLite takes 32,766 of them. */
const STATEMENT_ROWS = 500;
/** Pages that one step of merging the keyword index writes: one short transaction, whatever the size of the index. */
const MERGE_PAGES = 2_000;

/** The writer of an open database; its calls run one after the other. */
export async function chunkWriter(database: Database, tokenizer: KeywordTokenizer): Promise<ChunkWriter> {
  let next = await rowCount(database);
  let finished = false;

  const append = async (chunks: NewChunk[], checkpoint: ReadCheckpoint) => {
    if (finished) throw new CoreError('internal', `The chunk store ${database.path} is finished.`);
    const first = next;
    if (checkpoint.chunks !== first + chunks.length)
      throw new CoreError(
        'internal',
        `The checkpoint speaks of ${checkpoint.chunks} chunks, and ${database.path} would have ${first + chunks.length}.`,
      );
    await transaction(database, async () => {
      await runAll(database, insertions(first, chunks, tokenizer));
      await database.query(`INSERT OR REPLACE INTO state VALUES ('checkpoint', ?)`, [
        JSON.stringify(checkpoint),
      ]);
    });
    next = first + chunks.length;
  };

  const finish = async () => {
    if (finished) return;
    await mergeWords(database);
    await countCommonWords(database);
    // A rollback journal and no lock: now the file can be read from a read-only folder, by any number of readers.
    await database.query('PRAGMA journal_mode = DELETE');
    await database.query('PRAGMA locking_mode = NORMAL');
    await database.query('SELECT 1 FROM state LIMIT 1');
    finished = true;
  };

  const inTurn = queue();
  return {
    checkpoint: () => inTurn(() => readCheckpoint(database)),
    append: (chunks, checkpoint) => inTurn(() => append(chunks, checkpoint)),
    finish: () => inTurn(finish),
    close: () => inTurn(() => database.close()),
  };
}

/** Statements that insert chunks as rows from `first` on, with their keyword entries. */
function* insertions(first: ChunkId, chunks: NewChunk[], tokenizer: KeywordTokenizer): Generator<Statement> {
  for (let start = 0; start < chunks.length; start += STATEMENT_ROWS) {
    const batch = chunks.slice(start, start + STATEMENT_ROWS);
    yield insertEntries(first + start, batch);
    yield insertWords(first + start, batch, tokenizer);
    const titles = insertTitles(first + start, batch, tokenizer);
    if (titles !== undefined) yield titles;
  }
}

/** Chunks as rows of `keyv`; `new Keyv(new KeyvSqlite(…)).get(String(id))` gives the chunk back. */
export function insertEntries(first: ChunkId, chunks: NewChunk[]): Statement {
  return {
    sql: `INSERT INTO keyv (id, key, value) VALUES ${rowsOf(3, chunks.length)}`,
    values: chunks.flatMap((chunk, offset) => {
      const id = first + offset;
      return [id, `keyv:${id}`, entryOf({ id, ...chunk })];
    }),
  };
}

function insertWords(first: ChunkId, chunks: NewChunk[], tokenizer: KeywordTokenizer): Statement {
  return {
    sql: `INSERT INTO words (rowid, title, section, text) VALUES ${rowsOf(4, chunks.length)}`,
    values: chunks.flatMap(({ title, section, text }, offset) => [
      first + offset,
      indexedText(title, tokenizer),
      indexedText(section.join(' '), tokenizer),
      indexedText(text, tokenizer),
    ]),
  };
}

function rowsOf(columns: number, rows: number): string {
  const row = `(${Array(columns).fill('?').join(',')})`;
  return Array(rows).fill(row).join(',');
}

/** Merges the index's segments into one, step by step (https://www.sqlite.org/fts5.html#the_merge_command). */
async function mergeWords(database: Database): Promise<void> {
  const step = async (pages: number) => {
    const before = await totalChanges(database);
    await database.query(`INSERT INTO words (words, rank) VALUES ('merge', ?)`, [pages]);
    return (await totalChanges(database)) - before;
  };
  await step(-MERGE_PAGES);
  while ((await step(MERGE_PAGES)) >= 2);
}

async function totalChanges(database: Database): Promise<number> {
  const [row] = await database.query<{ changes: number }>('SELECT total_changes() AS changes');
  return row?.changes ?? 0;
}

/** Runs tasks one after the other: statements of two transactions must not mix on one connection. */
function queue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}
