/**
 * Keeps what was measured, one line for each question: a stopped or killed run resumes, a repeated run costs nothing.
 * Knows lines and keys; nothing about what a row says.
 *
 * The file is data/evaluations/NAME-HASH.jsonl: first the key that was hashed, then a row with a `qid` on each line.
 * Rows are only appended, and synced every few seconds. A torn line is skipped, and its question is asked again.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toCoreError } from '../errors.ts';

/** Everything that a row depends on. */
export type CacheKey = Record<string, unknown> & { kind: string; build: string; plan: string };

export interface Cache<Row extends { qid: string }> {
  path: string;
  rows: Map<string, Row>;
  add(row: Row): Promise<void>;
  /** Syncs all rows to disk. */
  close(): Promise<void>;
}

const SYNC_MS = 2_000;

export async function openCache<Row extends { qid: string }>(
  data: string,
  key: CacheKey,
): Promise<Cache<Row>> {
  try {
    const folder = join(data, 'evaluations');
    await mkdir(folder, { recursive: true });
    const path = join(folder, fileName(key));
    const known = await readLines(path);
    const rows = new Map<string, Row>();
    for (const row of known.rows) if (typeof row.qid === 'string') rows.set(row.qid, row as Row);
    const file = await open(path, 'a');
    if (known.bytes === 0) await file.appendFile(`${JSON.stringify({ key })}\n`);
    else if (known.torn) await file.appendFile('\n');
    let syncedAt = performance.now();
    return {
      path,
      rows,
      async add(row) {
        rows.set(row.qid, row);
        await file.appendFile(`${JSON.stringify(row)}\n`);
        if (performance.now() - syncedAt < SYNC_MS) return;
        await file.datasync();
        syncedAt = performance.now();
      },
      async close() {
        await file.datasync();
        await file.close();
      },
    };
  } catch (error) {
    throw toCoreError(error);
  }
}

/** The rows of a cache file, for further analysis: ranked ids with their scores, question by question. */
export async function readCache<Row extends { qid: string }>(path: string): Promise<Row[]> {
  const { rows } = await readLines(path);
  return rows.filter((row): row is Row => typeof row.qid === 'string');
}

function fileName(key: CacheKey): string {
  const words = [key.build, key.kind, key.plan].join('-').toLowerCase();
  const readable = words
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 60)
    .replace(/-$/, '');
  const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16);
  return `${readable}-${hash}.jsonl`;
}

async function readLines(path: string): Promise<{ rows: { qid?: unknown }[]; bytes: number; torn: boolean }> {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const rows = text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as { qid?: unknown }];
    } catch {
      return []; // torn by a kill
    }
  });
  return { rows, bytes: text.length, torn: text !== '' && !text.endsWith('\n') };
}
