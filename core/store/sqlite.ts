/**
 * The one file that loads @keyv/sqlite: a connection to one database through Keyv's adapter.
 * Knows no table but `keyv`, which the adapter itself creates.
 */
import { KeyvSqlite } from '@keyv/sqlite';
import { CoreError } from '../errors.ts';
import { type Database, storeError } from './database.ts';

/** How long to wait for a lock: a killed build's worker may need a moment to exit. */
const BUSY_TIMEOUT_MS = 3_000;

/** Opens the SQLite file at `path`, or creates it. Throws failures as {@link storeError} describes them. */
export async function openDatabase(path: string): Promise<Database> {
  const adapter = new KeyvSqlite({ uri: `sqlite://${path}`, busyTimeout: BUSY_TIMEOUT_MS });
  // The query rejects with the same failure; without a listener, the event would end the process.
  adapter.on('error', () => undefined);
  let closed = false;
  const database: Database = {
    path,
    async query<Row>(sql: string, values: (string | number | null)[] = []) {
      if (closed) throw new CoreError('internal', `The chunk store ${path} is closed.`);
      try {
        return (await adapter.query(sql, values)) as Row[];
      } catch (error) {
        throw storeError(path, error);
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await adapter.close();
    },
  };
  await database.query('SELECT 1');
  return database;
}
