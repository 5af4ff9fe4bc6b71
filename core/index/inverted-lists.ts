/**
 * Writes an inverted-file index from vectors and the list of each: an external counting sort. Holds one batch of vectors,
 * however many there are; a row keeps its place behind the earlier rows of its list. Knows no training.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { throwIfAborted } from '../errors.ts';
import { allVectors } from './all-vectors.ts';
import { bytesOf, encodeIvfHead, ID_BYTES, listOffsets } from './faiss-format.ts';
import type { VectorBlock, VectorSource } from './vectors.ts';
import { makeWhole, temporary, writeAllSync } from './whole-file.ts';

export interface InvertedFile {
  vectors: VectorSource;
  /** Raw u32 file: the list of each row. */
  lists: string;
  /** How many rows each list gets. */
  sizes: Uint32Array;
  centroids: Float32Array;
  nprobe: number;
  /** The index to write. The id that it stores with a vector is the vector's position in list order. */
  path: string;
  /** The u32 file to write: the row at each position. */
  rowsPath: string;
  /** Bytes of vectors in a batch, held twice (as read, and sorted); more means fewer and longer writes. */
  batchBytes?: number;
  signal?: AbortSignal | undefined;
}

const BATCH_BYTES = 128 * 2 ** 20;
const IDS_AT_ONCE = 2 ** 16;

/** Writes both files whole or not at all; yields the number of rows placed so far. */
export async function* writeInvertedFile(options: InvertedFile): AsyncGenerator<number, void> {
  const { vectors, sizes, path, rowsPath, signal } = options;
  const head = encodeIvfHead({ ...options, rows: vectors.rows, dimensions: vectors.dimensions });
  const codeSize = vectors.dimensions * 4;
  const offsets = listOffsets(sizes, codeSize, head.length);
  const index = await open(temporary(path), 'w');
  const rows = await open(temporary(rowsPath), 'w');
  const lists = await open(options.lists);
  try {
    await index.truncate(offsets[sizes.length]);
    writeAllSync(index.fd, head, 0);
    writeIds(index.fd, sizes, offsets, codeSize);
    const place = placer({ index: index.fd, rows: rows.fd, sizes, offsets, codeSize });
    let placed = 0;
    for await (const batch of batches(vectors, options.batchBytes ?? BATCH_BYTES, signal)) {
      throwIfAborted(signal);
      const numbers = batch.reduce((sum, block) => sum + block.vectors.length, 0);
      const count = numbers / vectors.dimensions;
      place(batch, placed, await readLists(lists, placed, count));
      placed += count;
      yield placed;
      await breathe();
    }
  } finally {
    await Promise.all([index.close(), rows.close(), lists.close()]);
  }
  await makeWhole(rowsPath);
  await makeWhole(path); // last: an index that is there has its rows beside it
}

/** Blocks gathered to about `batchBytes`. */
async function* batches(
  vectors: VectorSource,
  batchBytes: number,
  signal?: AbortSignal,
): AsyncGenerator<VectorBlock[]> {
  let batch: VectorBlock[] = [];
  let held = 0;
  for await (const block of allVectors(vectors, signal)) {
    batch.push(block);
    held += block.vectors.byteLength;
    if (held < batchBytes) continue;
    yield batch;
    batch = [];
    held = 0;
  }
  if (batch.length > 0) yield batch;
}

async function readLists(file: FileHandle, firstRow: number, count: number): Promise<Uint32Array> {
  const lists = new Uint32Array(count);
  await file.read(bytesOf(lists), 0, lists.byteLength, firstRow * 4);
  return lists;
}

/** Positions are counted through the lists in order, so the ids of the whole file are 0, 1, 2, … */
function writeIds(file: number, sizes: Uint32Array, offsets: Float64Array, codeSize: number): void {
  let position = 0;
  sizes.forEach((size, list) => {
    const at = (offsets[list] ?? 0) + size * codeSize;
    for (let done = 0; done < size; done += IDS_AT_ONCE) {
      const count = Math.min(IDS_AT_ONCE, size - done);
      const ids = new Uint32Array(2 * count); // i64, whose upper half stays 0
      for (let i = 0; i < count; i++) ids[2 * i] = position++;
      writeAllSync(file, bytesOf(ids), at + done * ID_BYTES);
    }
  });
}

interface Target {
  index: number;
  rows: number;
  sizes: Uint32Array;
  offsets: Float64Array;
  codeSize: number;
}

/** Gives a function that writes one batch: its rows sorted by list, one write for each list's run. */
function placer({ index, rows, sizes, offsets, codeSize }: Target) {
  const filled = new Uint32Array(sizes.length);
  const starts = new Float64Array(sizes.length);
  for (let list = 1; list < sizes.length; list++)
    starts[list] = (starts[list - 1] ?? 0) + (sizes[list - 1] ?? 0);

  return (batch: VectorBlock[], firstRow: number, lists: Uint32Array): void => {
    const ends = new Uint32Array(sizes.length);
    for (const list of lists) ends[list] = (ends[list] ?? 0) + 1;
    for (let list = 1; list < ends.length; list++) ends[list] = (ends[list] ?? 0) + (ends[list - 1] ?? 0);
    const sortedRows = new Uint32Array(lists.length);
    const sortedCodes = Buffer.allocUnsafe(lists.length * codeSize);
    const next = Uint32Array.from(ends, (_, list) => (list === 0 ? 0 : (ends[list - 1] ?? 0)));
    let row = 0;
    for (const { vectors } of batch) {
      const source = bytesOf(vectors);
      for (let from = 0; from < source.length; from += codeSize) {
        const list = lists[row] ?? 0;
        const to = next[list] ?? 0;
        next[list] = to + 1;
        sortedRows[to] = firstRow + row;
        source.copy(sortedCodes, to * codeSize, from, from + codeSize);
        row += 1;
      }
    }
    let from = 0;
    ends.forEach((end, list) => {
      if (end === from) return;
      const done = filled[list] ?? 0;
      const codesAt = (offsets[list] ?? 0) + done * codeSize;
      writeAllSync(index, sortedCodes.subarray(from * codeSize, end * codeSize), codesAt);
      writeAllSync(rows, bytesOf(sortedRows.subarray(from, end)), ((starts[list] ?? 0) + done) * 4);
      filled[list] = done + end - from;
      from = end;
    });
  };
}
