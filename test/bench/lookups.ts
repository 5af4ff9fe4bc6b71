/** A store of made chunks, which of them a lookup asks for, and how a file becomes cold: for the stores that are compared. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openChunkWriter } from '../../core/store/client.ts';
import { checkpointAfter, makeChunks } from '../fixtures/chunks.ts';

/** Chunks of one lookup. */
export const IDS = 100;

const APPEND_ROWS = 4_000;

/** Fills a store with so many chunks of so many characters, without a word index. */
export async function writeChunks(path: string, rows: number, characters: number): Promise<void> {
  const writer = await openChunkWriter({ path, tokenizer: 'porter' });
  for (let from = 0; from < rows; from += APPEND_ROWS) {
    const to = Math.min(from + APPEND_ROWS, rows);
    await writer.append(makeChunks(from, to, characters), checkpointAfter(to));
  }
  await writer.finish();
  await writer.close();
}

/** Ids spread over all rows, others for each turn. */
export function idsOf(turn: number, rows: number): number[] {
  return Array.from({ length: IDS }, (_, place) => ((turn * IDS + place) * 7_919_017) % rows);
}

/** Has the system drop a file's pages from memory (GNU dd asks for POSIX_FADV_DONTNEED). */
export async function forget(path: string): Promise<void> {
  await promisify(execFile)('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
}
