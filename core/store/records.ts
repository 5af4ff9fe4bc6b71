/**
 * Small durable records by key, in a SQLite file held by a process of its own: what a program must remember across
 * restarts. Knows keys, JSON values and times to live; nothing about what a record means.
 */
import { startWorker, workerEntry } from '../runtime/host.ts';

/** Plain JSON. */
export type RecordValue = unknown;

export interface RecordEntry {
  key: string;
  value: RecordValue;
}

export interface RecordOperations {
  open: { in: { path: string }; out: undefined };
  get: { in: string; out: RecordValue };
  set: { in: RecordEntry & { ttlMs?: number | undefined }; out: undefined };
  add: { in: RecordEntry & { ttlMs?: number | undefined }; out: boolean };
  delete: { in: string[]; out: undefined };
  list: { in: { prefix: string; after?: string | undefined; limit: number }; out: RecordEntry[] };
  close: { in: undefined; out: undefined };
}

export interface Records {
  /** The value; undefined if there is none or it has expired. */
  get<T>(key: string): Promise<T | undefined>;
  /** Stores a JSON value, permanently or for `ttlMs`; durable once this resolves. */
  set(key: string, value: RecordValue, ttlMs?: number): Promise<void>;
  /**
   * Stores the value if the key is free; returns whether it was. If the process crashes meanwhile, the result may be
   * false although this call stored the value: a caller that must know should store a unique value and read it back.
   */
  add(key: string, value: RecordValue, ttlMs?: number): Promise<boolean>;
  delete(keys: string[]): Promise<void>;
  /** Records whose keys begin with `prefix`, in key order, beginning after the key `after`. */
  list<T>(prefix: string, options: { after?: string; limit: number }): Promise<{ key: string; value: T }[]>;
  close(): Promise<void>;
}

/** Opens the file, or creates it. Throws `disk` or `bad-input` (not such a database) as a CoreError. */
export async function openRecords(path: string): Promise<Records> {
  const worker = startWorker<RecordOperations>({
    name: 'records',
    entry: workerEntry(import.meta.url, '../runtime/records'),
    restore: (call) => call('open', { path }),
  });
  /** Every operation may be retried. */
  const call: typeof worker.call = (name, input) => worker.call(name, input, { again: true });
  const records: Records = {
    get: async <T>(key: string) => (await call('get', key)) as T | undefined,
    set: (key, value, ttlMs) => call('set', { key, value, ttlMs }),
    add: (key, value, ttlMs) => call('add', { key, value, ttlMs }),
    delete: (keys) => call('delete', keys),
    list: async <T>(prefix: string, options: { after?: string; limit: number }) =>
      (await call('list', { prefix, ...options })) as { key: string; value: T }[],
    async close() {
      try {
        if (worker.stats().pid !== undefined) await worker.call('close', undefined);
      } finally {
        await worker.stop();
      }
    },
  };
  try {
    await records.get('');
    return records;
  } catch (error) {
    await worker.stop();
    throw error;
  }
}
