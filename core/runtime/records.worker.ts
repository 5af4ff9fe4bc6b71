/**
 * The process that holds a file of records. Rows are Keyv's own: `{"value": …, "expires": ms since 1970 or absent}`,
 * so that any Keyv over @keyv/sqlite reads them. Writes that arrive during a transaction share the next one, in their
 * order. Expired rows are deleted each hour.
 */
import { CoreError, toCoreError } from '../errors.ts';
import { type Database, type SqlValue, type Statement, transaction } from '../store/database.ts';
import type { RecordOperations } from '../store/records.ts';
import { openDatabase } from '../store/sqlite.ts';
import { serve } from './serve.ts';

const SWEEP_MS = 3_600_000;
const EXPIRED = "json_extract(value, '$.expires') <= ?";

interface Write extends Statement {
  resolve(rows: unknown[]): void;
  reject(error: unknown): void;
}

let opened: Database | undefined;
let waiting: Write[] = [];
let writing: Promise<void> | undefined;

async function query<Row>(sql: string, values: SqlValue[] = []): Promise<Row[]> {
  if (opened === undefined) throw new CoreError('internal', 'The records were not opened.');
  return told(opened.path, () => opened?.query<Row>(sql, values) ?? Promise.resolve([]));
}

/** Makes a change, which is durable once this resolves. @returns the rows that it returns */
function write(sql: string, values: SqlValue[]): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    waiting.push({ sql, values, resolve, reject });
    writing ??= writeWaiting().finally(() => {
      writing = undefined;
    });
  });
}

async function writeWaiting(): Promise<void> {
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    const rows: unknown[][] = [];
    try {
      if (opened === undefined) throw new CoreError('internal', 'The records were not opened.');
      const database = opened;
      const writeAll = async () => {
        for (const { sql, values } of batch) rows.push(await database.query(sql, values));
      };
      await told(database.path, () => transaction(database, writeAll));
      batch.forEach(({ resolve }, index) => {
        resolve(rows[index] ?? []);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

/** Rewords the store's failures, which are about a build's file, for this file. */
async function told<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code, details, retryable } = toCoreError(cause);
    if (code === 'bad-input')
      throw new CoreError(code, `${path} is damaged or is not a database.`, {
        hint: 'Move the file away: what was stored in it is lost, everything else keeps working.',
        details,
        cause,
      });
    if (code === 'locked')
      throw new CoreError(code, `Another running Footnote holds ${path}.`, {
        hint: 'Stop the other one, or use another data folder with --data DIR.',
        details,
        retryable,
        cause,
      });
    throw cause;
  }
}

function sealed(value: unknown, ttlMs: number | undefined): string {
  return JSON.stringify({ value, ...(ttlMs !== undefined && { expires: Date.now() + ttlMs }) });
}

function live(row: { value: string } | undefined): { value: unknown } | undefined {
  if (row === undefined) return undefined;
  const { value, expires } = JSON.parse(row.value) as { value: unknown; expires?: number };
  return expires !== undefined && expires <= Date.now() ? undefined : { value };
}

function sweep(): Promise<unknown> {
  return write(`DELETE FROM keyv WHERE ${EXPIRED}`, [Date.now()]);
}

serve<RecordOperations>({
  async open({ path }) {
    opened = await told(path, () => openDatabase(path));
    await query('PRAGMA journal_mode = WAL');
    await query('PRAGMA synchronous = FULL'); // what was acknowledged survives a power cut
    await sweep();
    setInterval(() => sweep().catch(() => undefined), SWEEP_MS).unref();
    return undefined;
  },
  async get(key) {
    const rows = await query<{ value: string }>('SELECT value FROM keyv WHERE key = ?', [key]);
    return live(rows[0])?.value;
  },
  async set({ key, value, ttlMs }) {
    const sql =
      'INSERT INTO keyv (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value';
    await write(sql, [key, sealed(value, ttlMs)]);
    return undefined;
  },
  async add({ key, value, ttlMs }) {
    const sql = `INSERT INTO keyv (key, value) VALUES (?, ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE json_extract(keyv.value, '$.expires') <= ?
      RETURNING key`;
    return (await write(sql, [key, sealed(value, ttlMs), Date.now()])).length > 0;
  },
  async delete(keys) {
    await write('DELETE FROM keyv WHERE key IN (SELECT value FROM json_each(?))', [JSON.stringify(keys)]);
    return undefined;
  },
  async list({ prefix, after, limit }) {
    const sql = `SELECT key, value FROM keyv WHERE key > ? AND key >= ? AND key < ?
      AND (json_extract(value, '$.expires') IS NULL OR NOT ${EXPIRED}) ORDER BY key LIMIT ?`;
    const from = [after ?? '', prefix, `${prefix}\u{10ffff}`];
    const rows = await query<{ key: string; value: string }>(sql, [...from, Date.now(), limit]);
    return rows.map((row) => ({ key: row.key, value: live(row)?.value }));
  },
  async close() {
    await writing;
    await opened?.close();
    opened = undefined;
    return undefined;
  },
});
