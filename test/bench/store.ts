/**
 * How fast the chunk store writes and reads, beside plain Keyv on the same SQLite adapter.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyvSqlite } from '@keyv/sqlite';
import Keyv from 'keyv';
import { quantile } from '../../core/evaluate/bootstrap.ts';
import { indexWords, openChunkReader, openChunkWriter } from '../../core/store/client.ts';
import { runAll, transaction } from '../../core/store/database.ts';
import { wordsBeside } from '../../core/store/read.ts';
import { openForWriting } from '../../core/store/schema.ts';
import { openDatabase } from '../../core/store/sqlite.ts';
import { insertEntries } from '../../core/store/write.ts';
import type { NewChunk } from '../../core/types.ts';
import { checkpointAfter, makeChunks } from '../fixtures/chunks.ts';
import { IDS, idsOf } from './lookups.ts';
import type { Table } from './table.ts';

const ROWS = 120_000;
const APPEND_ROWS = 4_000;
const STATEMENT_ROWS = 500;
const KEYV_ROWS = 1_000;
const LOOKUPS = 200;

export async function run(): Promise<Table[]> {
  const folder = await mkdtemp(join(tmpdir(), 'footnote-bench-'));
  try {
    const chunks = makeChunks(0, ROWS);
    const store = join(folder, 'chunks.sqlite');
    const peer = join(folder, 'peer.sqlite');
    return [
      {
        name: 'Chunk store: writing',
        rows: [
          await writeEntries(join(folder, 'entries.sqlite'), chunks),
          await writeStore(store, chunks),
          await writeWords(store),
          await writeOneByOne(peer, chunks.slice(0, KEYV_ROWS)),
        ],
      },
      {
        name: `Chunk store: reading ${IDS} chunks by id`,
        rows: [await readStore(store), await readKeyv(store)],
      },
      { name: 'Chunk store: keyword search', rows: [await searchStore(store)] },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeEntries(path: string, chunks: NewChunk[]) {
  const database = await openForWriting(openDatabase, path, 'porter');
  const started = performance.now();
  for (let start = 0; start < chunks.length; start += APPEND_ROWS)
    await transaction(database, () =>
      runAll(
        database,
        (function* () {
          for (let row = start; row < Math.min(start + APPEND_ROWS, chunks.length); row += STATEMENT_ROWS)
            yield insertEntries(row, chunks.slice(row, row + STATEMENT_ROWS));
        })(),
      ),
    );
  const ms = performance.now() - started;
  await database.query('PRAGMA journal_mode = DELETE');
  await database.close();
  return written('batched, in this process', chunks.length, ms, (await stat(path)).size);
}

async function writeStore(path: string, chunks: NewChunk[]) {
  const writer = await openChunkWriter({ path, tokenizer: 'porter' });
  const started = performance.now();
  for (let start = 0; start < chunks.length; start += APPEND_ROWS) {
    const batch = chunks.slice(start, start + APPEND_ROWS);
    await writer.append(batch, checkpointAfter(start + batch.length));
  }
  await writer.finish();
  const ms = performance.now() - started;
  await writer.close();
  return written('batched, in its process', chunks.length, ms, (await stat(path)).size);
}

async function writeWords(path: string) {
  const started = performance.now();
  for await (const _ of indexWords({ path, tokenizer: 'porter' }));
  const ms = performance.now() - started;
  return written('the word index of these', ROWS, ms, (await stat(wordsBeside(path))).size);
}

async function writeOneByOne(path: string, chunks: NewChunk[]) {
  const keyv = new Keyv(new KeyvSqlite(`sqlite://${path}`));
  const started = performance.now();
  for (const [id, chunk] of chunks.entries()) await keyv.set(String(id), { id, ...chunk });
  const ms = performance.now() - started;
  await keyv.disconnect();
  return written('Keyv set, one by one', chunks.length, ms, (await stat(path)).size);
}

function written(method: string, rows: number, ms: number, bytes: number) {
  return {
    method,
    rows,
    'rows/s': Math.round((rows / ms) * 1000),
    'bytes/row': Math.round(bytes / rows),
  };
}

async function readStore(path: string) {
  const reader = await openChunkReader({ path, tokenizer: 'porter' });
  const times = await timed(LOOKUPS, (turn) => reader.get(idsOf(turn, ROWS)));
  await reader.close();
  return { method: 'chunk store, in its process', ...times };
}

async function readKeyv(path: string) {
  const keyv = new Keyv(new KeyvSqlite(`sqlite://${path}`));
  const times = await timed(LOOKUPS, (turn) => keyv.getMany(idsOf(turn, ROWS).map(String)));
  await keyv.disconnect();
  return { method: 'Keyv getMany, no process between', ...times };
}

async function searchStore(path: string) {
  const reader = await openChunkReader({ path, tokenizer: 'porter' });
  const questions = makeChunks(0, LOOKUPS, 60).map(({ text }) => `What was ${text}?`);
  const times = await timed(LOOKUPS, (turn) => reader.keyword(questions[turn] ?? '', 100));
  await reader.close();
  return { method: 'best 100 of 120,000 by BM25', ...times };
}

async function timed(turns: number, work: (turn: number) => Promise<unknown>) {
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const started = performance.now();
    await work(turn);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { 'p50 ms': quantile(times, 0.5).toFixed(2), 'p95 ms': quantile(times, 0.95).toFixed(2) };
}
