/**
 * Assigns every vector its list and its code, in row order, in two raw files from which an interrupted run resumes.
 * Knows files and a trainer; nothing about where lists will be stored.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { CoreError } from '../../errors.ts';
import { bytesOf } from '../format/faiss-format.ts';
import { joined } from '../vector-sources.ts';
import type { VectorSource } from '../vectors.ts';
import { GROUPS_FROM } from './grouped.ts';
import type { Coded, Quantizer, Trainer } from './trainer.ts';

export interface CodingFiles {
  /** Raw u32: the list of each row. */
  lists: string;
  /** Raw bytes: the code of each row; written where the quantizer has codebooks. */
  codes: string;
}

export interface CodingEvent {
  done: number;
  /** Sum of squared reconstruction errors of the vectors coded since the last event. */
  error: number;
}

const READ_BYTES = 2 ** 20;
/** Rows that are coded together if centroids are grouped, so that each group gets some. */
const GROUPED_ROWS = 8192;
/** Blocks in flight at once: one is coded while the next is read and sent. */
const AT_ONCE = 2;

/** Codes the rows that the files do not hold yet; yields progress. */
export async function* codeAll(
  vectors: VectorSource,
  quantizer: Quantizer,
  trainer: Trainer,
  { lists, codes }: CodingFiles,
  signal?: AbortSignal,
): AsyncGenerator<CodingEvent, void> {
  const { rows, dimensions, subspaces = 0 } = { ...vectors, ...quantizer };
  const listsFile = await open(lists, 'a+');
  const codesFile = await open(codes, 'a+');
  try {
    const held = subspaces === 0 ? rows : Math.floor((await codesFile.stat()).size / subspaces);
    let done = Math.min(rows, held, Math.floor((await listsFile.stat()).size / 4));
    await listsFile.truncate(done * 4);
    await codesFile.truncate(done * subspaces);
    const take = async (coding: Promise<Coded>): Promise<CodingEvent> => {
      const found = await coding;
      await codesFile.appendFile(found.codes); // first: lists are what is counted
      await listsFile.appendFile(bytesOf(found.lists));
      done += found.lists.length;
      return { done, error: found.error };
    };
    const waiting: Promise<Coded>[] = [];
    let expected = done;
    const least = quantizer.centroids.length / dimensions < GROUPS_FROM ? 1 : GROUPED_ROWS;
    const blocks = joined(vectors.read(done, rows), least, dimensions);
    for await (const { firstRow, vectors: block } of blocks) {
      if (firstRow !== expected) throw gap(expected);
      expected += block.length / dimensions;
      const coding = trainer.code(block, quantizer, dimensions, signal);
      coding.catch(() => undefined); // awaited in its turn
      waiting.push(coding);
      if (waiting.length >= AT_ONCE) yield await take(waiting.shift() as Promise<Coded>);
    }
    for (const coding of waiting) yield await take(coding);
    if (done !== rows) throw gap(done);
  } finally {
    await Promise.all([listsFile.close(), codesFile.close()]);
  }
}

function gap(row: number): CoreError {
  return new CoreError('bad-input', `The vectors have a gap: row ${row} should follow.`, {
    hint: 'Run the same build again to embed the missing chunks.',
  });
}

/** How many rows each list has, counted from the file that names each row's list. */
export async function listSizes(lists: string, nlist: number): Promise<Uint32Array> {
  const sizes = new Uint32Array(nlist);
  const file = await open(lists);
  try {
    for await (const part of parts(file))
      for (const list of part) {
        if (list >= nlist) throw new CoreError('bad-input', `${lists} names list ${list} of ${nlist}.`);
        sizes[list] = (sizes[list] as number) + 1;
      }
  } finally {
    await file.close();
  }
  return sizes;
}

async function* parts(file: FileHandle): AsyncGenerator<Uint32Array> {
  for (let at = 0; ; ) {
    const bytes = new Uint8Array(READ_BYTES);
    const { bytesRead } = await file.read(bytes, 0, READ_BYTES, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield new Uint32Array(bytes.buffer, 0, Math.floor(bytesRead / 4));
  }
}
