/**
 * What the store needs of its database connection, and what each SQLite failure means to a person.
 * Knows SQL as text and SQLite's result codes; loads no native module.
 */
import { CoreError, type ErrorCode, isCoreError } from '../errors.ts';

export type SqlValue = string | number | null;

/** One SQL statement with its bound values. */
export interface Statement {
  sql: string;
  values: SqlValue[];
}

/** One connection; statements run one after another, off the JavaScript thread. */
export interface Database {
  readonly path: string;
  /** All rows of one statement. Throws a CoreError, see {@link storeError}. */
  query<Row>(sql: string, values?: SqlValue[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** Runs `work` as one transaction; a failure undoes all of it. */
export async function transaction(database: Database, work: () => Promise<void>): Promise<void> {
  await database.query('BEGIN IMMEDIATE');
  try {
    await work();
    await database.query('COMMIT');
  } catch (error) {
    // After some failures (a full disk) SQLite has rolled back already; the first failure is the one to report.
    await database.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Runs statements in order, and prepares the next one's values while SQLite runs the previous one. */
export async function runAll(database: Database, statements: Iterable<Statement>): Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  for (const { sql, values } of statements) {
    await running;
    running = database.query(sql, values);
  }
  await running;
}

interface Meaning {
  code: ErrorCode;
  says: (path: string) => string;
  hint: string;
}

const FULL: Meaning = {
  code: 'disk',
  says: (path) => `Cannot write ${path}: the disk is full.`,
  hint: 'Free space or choose another place with --data DIR, then run the same command again.',
};
const READ_ONLY: Meaning = {
  code: 'disk',
  says: (path) => `Cannot write ${path}: the file or its folder is read-only.`,
  hint: 'Make the file and its folder writable, or choose another place with --data DIR.',
};
const BUSY: Meaning = {
  code: 'locked',
  says: (path) => `Another running build is writing ${path}.`,
  hint: 'Wait until that build has ended, or stop it, then run the same command again.',
};
const DAMAGED: Meaning = {
  code: 'bad-input',
  says: (path) => `${path} is damaged or is not a chunk store.`,
  hint: 'Remove its build with `footnote builds remove NAME` and build it again.',
};

/** By SQLite's primary result code (https://www.sqlite.org/rescode.html). */
const MEANINGS: Record<string, Meaning> = {
  SQLITE_FULL: FULL,
  SQLITE_READONLY: READ_ONLY,
  SQLITE_PERM: READ_ONLY,
  SQLITE_BUSY: BUSY,
  SQLITE_LOCKED: BUSY,
  SQLITE_NOTADB: DAMAGED,
  SQLITE_CORRUPT: DAMAGED,
  SQLITE_CANTOPEN: {
    code: 'disk',
    says: (path) => `Cannot open ${path}, or a file that SQLite needs beside it.`,
    hint: READ_ONLY.hint,
  },
  SQLITE_IOERR: {
    code: 'disk',
    says: (path) => `The disk reported an input/output error at ${path}.`,
    hint: 'Check the disk, then run the same command again.',
  },
};

/** The error for a failure of SQLite at the store `path`; `locked` may pass when tried again. */
export function storeError(path: string, error: unknown): CoreError {
  if (isCoreError(error)) return error;
  const { code, message } = error as { code?: string; message?: string };
  const meaning = code === undefined ? undefined : MEANINGS[code];
  if (meaning === undefined)
    return new CoreError('internal', `The chunk store ${path} failed: ${message ?? String(error)}.`, {
      cause: error,
    });
  return new CoreError(meaning.code, meaning.says(path), {
    hint: meaning.hint,
    retryable: meaning.code === 'locked',
    details: { sqlite: message ?? code ?? '' },
    cause: error,
  });
}
