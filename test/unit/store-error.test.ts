import { describe, expect, it } from 'vitest';
import { CoreError } from '../../core/errors.ts';
import { type Database, runAll, storeError, transaction } from '../../core/store/database.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: as SQLite puts it`), { code });

/** Records statements instead of running them: what is tested is the order they come in. */
function recorder(failAt?: string): { log: string[]; database: Database } {
  const log: string[] = [];
  const query = async <Row>(sql: string) => {
    log.push(sql);
    if (sql === failAt) throw failure('SQLITE_FULL');
    return [] as Row[];
  };
  return { log, database: { path: '/x', query, close: async () => undefined } };
}

describe('a failure of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 'disk', 'full'],
    ['SQLITE_READONLY', 'disk', 'read-only'],
    ['SQLITE_CANTOPEN', 'disk', 'open'],
    ['SQLITE_IOERR', 'disk', 'input/output'],
    ['SQLITE_BUSY', 'locked', 'Another running build'],
    ['SQLITE_NOTADB', 'bad-input', 'not a chunk store'],
    ['SQLITE_CORRUPT', 'bad-input', 'damaged'],
  ])('%s becomes %s, names the file and says what mends it', (sqlite, code, words) => {
    const error = storeError('/data/chunks.sqlite', failure(sqlite));
    expect(error).toMatchObject({ code, hint: expect.stringMatching(/\.$/) });
    expect(error.message).toContain('/data/chunks.sqlite');
    expect(error.message).toContain(words);
  });

  it('is worth another try only where someone else has the file', () => {
    expect(storeError('/x', failure('SQLITE_BUSY')).retryable).toBe(true);
    expect(storeError('/x', failure('SQLITE_FULL')).retryable).toBe(false);
  });

  it('that is not known stays an internal one with SQLite’s own words', () => {
    expect(storeError('/x', failure('SQLITE_MISUSE'))).toMatchObject({ code: 'internal' });
    const known = new CoreError('cancelled', 'Cancelled.');
    expect(storeError('/x', known)).toBe(known);
  });
});

describe('a transaction', () => {
  it('commits work that succeeds', async () => {
    const { log, database } = recorder();
    await transaction(database, () =>
      runAll(database, [
        { sql: 'a', values: [] },
        { sql: 'b', values: [] },
      ]),
    );
    expect(log).toEqual(['BEGIN IMMEDIATE', 'a', 'b', 'COMMIT']);
  });

  it.each(['b', 'COMMIT'])('rolls back where %s fails, and tells that failure', async (failAt) => {
    const { log, database } = recorder(failAt);
    const work = () =>
      runAll(database, [
        { sql: 'a', values: [] },
        { sql: 'b', values: [] },
      ]);
    await expect(transaction(database, work)).rejects.toMatchObject({ code: 'SQLITE_FULL' });
    expect(log.at(-1)).toBe('ROLLBACK');
  });
});
