/**
 * Writes an inverted-file index from vectors and the list of each: the index in FAISS's format, the row at each
 * position, and, if lists hold codes, the vectors themselves for rescoring. Knows files; no training.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { throwIfAborted } from '../../errors.ts';
import { makeWhole, temporary, writeAllSync } from '../../runtime/whole-file.ts';
import { type Pca, project } from '../train/pca.ts';
import { allVectors } from '../vector-sources.ts';
import type { VectorSource } from '../vectors.ts';
import {
  bytes,
  bytesOf,
  codeSizeOf,
  encodeIvfHead,
  encodePcaHead,
  encodeScalarHead,
  ID_BYTES,
  listOffsets,
} from './faiss-format.ts';
import { type Column, listOrder, positionsBefore, rowRecords } from './list-order.ts';
import { encodeScalars, type ScalarCoding } from './scalars.ts';

export interface InvertedFile {
  vectors: VectorSource;
  /** Raw u32 file: the list of each row. */
  lists: string;
  /** How many rows each list gets. */
  sizes: Uint32Array;
  /** Projects vectors to the dimensions of the centroids; absent if they have those already. */
  pca?: Pca | undefined;
  centroids: Float32Array;
  /** An index over the centroids, instead of comparing with each. */
  graph?: Uint8Array | undefined;
  /** Codes in row order, and what made them; if absent, lists hold the vectors themselves. */
  coded?: { path: string; codebooks: Float32Array; subspaces: number; rescoring: ScalarCoding } | undefined;
  nprobe: number;
  /** The index to write. The id that it stores with a vector is the vector's position in list order. */
  path: string;
  /** The u32 file to write: the row at each position. */
  rowsPath: string;
  /** The `IxSQ` file to write where lists hold codes: the vector at each position. */
  vectorsPath: string;
  /** Bytes of records in a batch, held twice (as read, and sorted); more means fewer and longer writes. */
  batchBytes?: number;
  signal?: AbortSignal | undefined;
}

const BATCH_BYTES = 64 * 2 ** 20;
const IDS_AT_ONCE = 2 ** 16;

/** Writes its files whole or not at all, the index last; yields the number of rows placed so far. */
export async function* writeInvertedFile(options: InvertedFile): AsyncGenerator<number, void> {
  const {
    vectors,
    sizes,
    pca,
    coded,
    path,
    rowsPath,
    vectorsPath,
    batchBytes = BATCH_BYTES,
    signal,
  } = options;
  const { rows, dimensions } = vectors;
  const searched = pca?.eigenvalues.length ?? dimensions;
  const ivfHead = encodeIvfHead({ ...options, ...coded, rows, dimensions: searched });
  const head = pca ? bytes(encodePcaHead(rows, pca), ivfHead) : ivfHead;
  const codeSize = codeSizeOf({ dimensions: searched, ...coded });
  const offsets = listOffsets(sizes, codeSize, head.length);
  const before = positionsBefore(sizes);
  const files: FileHandle[] = [];
  const opened = async (path: string, flags: string) => {
    const file = await open(path, flags);
    files.push(file);
    return file;
  };
  try {
    const index = await opened(temporary(path), 'w');
    await index.truncate(offsets[sizes.length]);
    writeAllSync(index.fd, head, 0);
    writeIds(index.fd, sizes, offsets, codeSize);
    const rowsFile = await opened(temporary(rowsPath), 'w');
    const columns: Column[] = [
      { file: index.fd, recordBytes: codeSize, starts: offsets },
      { file: rowsFile.fd, recordBytes: 4, starts: before.map((count) => count * 4) },
    ];
    if (coded !== undefined) {
      const { scalar, trained, recordBytes } = coded.rescoring;
      const file = await opened(temporary(vectorsPath), 'w');
      const scalarHead = encodeScalarHead(scalar, rows, dimensions, trained);
      writeAllSync(file.fd, scalarHead, 0);
      const starts = before.map((count) => scalarHead.length + count * recordBytes);
      columns.push({ file: file.fd, recordBytes, starts });
    }
    const lists = await opened(options.lists, 'r');
    const codes = coded && (await opened(coded.path, 'r'));

    /** What each column gets for the rows of a block. */
    const recordsOf = async (firstRow: number, block: Float32Array): Promise<Uint8Array[]> => {
      const count = block.length / dimensions;
      const inLists = codes
        ? await readAt(codes, firstRow * codeSize, count * codeSize)
        : bytesOf(pca ? project(block, pca) : block);
      const records = [inLists, rowRecords(firstRow, count)];
      return coded ? [...records, encodeScalars(block, coded.rescoring)] : records;
    };
    const place = listOrder(sizes.length, columns);
    let held: Uint8Array[][] = [];
    let heldBytes = 0;
    let placed = 0;
    const flush = async (end: number) => {
      const found = await readAt(lists, placed * 4, (end - placed) * 4);
      place({
        lists: new Uint32Array(found.buffer),
        records: columns.map((_, column) =>
          Buffer.concat(held.map((records) => records[column] ?? new Uint8Array())),
        ),
      });
      held = [];
      heldBytes = 0;
      placed = end;
    };
    for await (const { firstRow, vectors: block } of allVectors(vectors, signal)) {
      throwIfAborted(signal);
      const records = await recordsOf(firstRow, block);
      held.push(records);
      heldBytes += records.reduce((sum, { length }) => sum + length, 0);
      const end = firstRow + block.length / dimensions;
      if (heldBytes < batchBytes && end < rows) continue;
      await flush(end);
      yield placed;
      await breathe();
    }
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
  throwIfAborted(signal);
  await makeWhole(rowsPath);
  if (coded !== undefined) await makeWhole(vectorsPath);
  await makeWhole(path); // last: an existing index has its other files beside it
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await file.read(bytes, 0, length, at);
  return bytes;
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
