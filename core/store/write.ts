/**
 * Writing a store: each append puts chunks (as Keyv entries), titles and the checkpoint into one transaction.
 * Knows the tables; nothing about processes.
 */
import { CoreError } from '../errors.ts';
import type { ChunkId, KeywordTokenizer, NewChunk } from '../types.ts';
import type { ChunkWriter, ReadCheckpoint } from './chunk-store.ts';
import { type Database, runAll, type Statement, transaction } from './database.ts';
import { entryOf } from './entry.ts';
import { readCheckpoint, rowCount } from './read.ts';
import { insertTitles } from './title.ts';

/** Rows in a statement: bound values are 30 % faster than a JSON text for `json_each`; SQLite takes up to 32,766. */
const STATEMENT_ROWS = 500;

/** The writer of an open database; its calls run one after another. */
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
    // With a rollback journal and no lock, any number of readers can read the file, even from a read-only folder.
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

/** Statements that insert chunks as rows from `first` on, and the titles of articles that begin among them. */
function* insertions(first: ChunkId, chunks: NewChunk[], tokenizer: KeywordTokenizer): Generator<Statement> {
  for (let start = 0; start < chunks.length; start += STATEMENT_ROWS) {
    const batch = chunks.slice(start, start + STATEMENT_ROWS);
    yield insertEntries(first + start, batch);
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

function rowsOf(columns: number, rows: number): string {
  const row = `(${Array(columns).fill('?').join(',')})`;
  return Array(rows).fill(row).join(',');
}

/** Runs tasks one after another: statements of two transactions must not mix on one connection. */
function queue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}
