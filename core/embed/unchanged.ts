/**
 * Finds the rows of a build whose passage equals that of a row of an earlier build, by the hash of the embedded text:
 * an external hash join in bounded memory. Knows passages and rows; nothing about vectors.
 *
 * The result is a file of u32, one per row: the earlier row, or 2³² - 1 for none. If several earlier rows are equal,
 * the first is taken.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { passageText } from '../corpus/passage.ts';
import { throwIfAborted, toCoreError } from '../errors.ts';
import { makeWhole, temporary, writeAllSync } from '../runtime/whole-file.ts';
import type { ChunkReader } from '../store/chunk-store.ts';

export const NO_ROW = 0xff_ff_ff_ff;

export interface UnchangedRequest {
  chunks: Pick<ChunkReader, 'count' | 'range'>;
  earlier: Pick<ChunkReader, 'count' | 'range'>;
  /** The result file; until it is complete, its parts are in the folder of the same name plus `.parts`. */
  path: string;
  signal?: AbortSignal | undefined;
  /** Number of parts that hashes are partitioned into; one part of each build is held in memory at a time. */
  parts?: number;
}

/** 50 million passages make 4 MB per part. */
const PARTS = 256;
const HASH_BYTES = 16;
const ENTRY_BYTES = HASH_BYTES + 4;
const BATCH_ROWS = 1_024;
/** Entries buffered for a part before they are written. */
const HELD = 2_048;

/** Writes the file unless it exists, and returns its path. Throws `disk`, or what the stores throw. */
export async function findUnchanged(request: UnchangedRequest): Promise<string> {
  const { chunks, earlier, path, signal, parts = PARTS } = request;
  const rows = await chunks.count();
  const there = await stat(path).catch(() => undefined);
  if (there?.size === rows * 4) return path;
  const folder = `${path}.parts`;
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await deal(earlier, folder, 'earlier', parts, signal);
    await deal(chunks, folder, 'now', parts, signal);
    const file = await open(temporary(path), 'w');
    try {
      for (let at = 0; at < rows * 4; at += HELD * 4)
        await file.writeFile(Buffer.alloc(Math.min(HELD * 4, rows * 4 - at), 0xff));
      for (let part = 0; part < parts; part++) {
        throwIfAborted(signal);
        await match(await entriesOf(folder, 'earlier', part), await entriesOf(folder, 'now', part), file);
      }
    } finally {
      await file.close();
    }
    await makeWhole(path);
    await rm(folder, { recursive: true, force: true });
    return path;
  } catch (error) {
    throw toCoreError(error);
  }
}

/** Writes each passage's hash and row to the part that its hash selects. */
async function deal(
  chunks: UnchangedRequest['chunks'],
  folder: string,
  which: string,
  parts: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const files = await Promise.all(
    Array.from({ length: parts }, (_, part) => open(partPath(folder, which, part), 'w')),
  );
  try {
    const held: Buffer[][] = files.map(() => []);
    const flush = async (part: number) => {
      await files[part]?.writeFile(Buffer.concat(held[part] ?? []));
      held[part] = [];
    };
    const rows = await chunks.count();
    for (let from = 0; from < rows; from += BATCH_ROWS) {
      throwIfAborted(signal);
      for (const chunk of await chunks.range(from, Math.min(rows, from + BATCH_ROWS))) {
        const entry = Buffer.alloc(ENTRY_BYTES);
        createHash('sha256').update(passageText(chunk)).digest().copy(entry, 0, 0, HASH_BYTES);
        entry.writeUInt32LE(chunk.id, HASH_BYTES);
        const part = entry.readUInt32LE(0) % parts;
        if ((held[part]?.push(entry) ?? 0) === HELD) await flush(part);
      }
    }
    for (let part = 0; part < parts; part++) await flush(part);
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

async function match(earlier: Buffer, now: Buffer, file: FileHandle): Promise<void> {
  const rowOf = new Map<string, number>();
  for (let at = earlier.length - ENTRY_BYTES; at >= 0; at -= ENTRY_BYTES)
    rowOf.set(earlier.toString('latin1', at, at + HASH_BYTES), earlier.readUInt32LE(at + HASH_BYTES));
  const found = Buffer.alloc(4);
  for (let at = 0; at < now.length; at += ENTRY_BYTES) {
    const row = rowOf.get(now.toString('latin1', at, at + HASH_BYTES));
    if (row === undefined) continue;
    found.writeUInt32LE(row);
    writeAllSync(file.fd, found, now.readUInt32LE(at + HASH_BYTES) * 4);
  }
}

async function entriesOf(folder: string, which: string, part: number): Promise<Buffer> {
  const file = await open(partPath(folder, which, part));
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

const partPath = (folder: string, which: string, part: number) => join(folder, `${which}-${part}`);
