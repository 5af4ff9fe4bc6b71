/**
 * Small durable records by key, in a SQLite file that a process of its own holds: what a program must remember over a
 * restart. Knows keys, JSON values and times to live; nothing about what a record means.
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
  /** The value, or undefined where there is none or its time is over. */
  get<T>(key: string): Promise<T | undefined>;
  /** Stores a JSON value, for good or for `ttlMs`; durable once this resolves. */
  set(key: string, value: RecordValue, ttlMs?: number): Promise<void>;
  /**
   * Stores the value only where the key is free; true where it was. After a crash of the process in between, it may be false for a
   * value that was stored by this very call: who must know, stores a value of their own and looks.
   */
  add(key: string, value: RecordValue, ttlMs?: number): Promise<boolean>;
  delete(keys: string[]): Promise<void>;
  /** Records whose keys begin with `prefix`, in the order of their keys, from the one past `after` on. */
  list<T>(prefix: string, options: { after?: string; limit: number }): Promise<{ key: string; value: T }[]>;
  close(): Promise<void>;
}

/** Opens the file, making it where there is none. Throws `disk` or `bad-input` (no such database) as a CoreError. */
export async function openRecords(path: string): Promise<Records> {
  const worker = startWorker<RecordOperations>({
    name: 'records',
    entry: workerEntry(import.meta.url, '../runtime/records'),
    restore: (call) => call('open', { path }),
  });
  /** All of them may be made twice. */
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
