/**
 * Knows how to measure a file on disk: its size and SHA-256. Knows nothing about its content.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { throwIfAborted, toCoreError } from '../errors.ts';
import type { FileRecord } from '../types.ts';

const READ_BYTES = 1 << 20;

/** Size in bytes and SHA-256 of a file, read as a stream. Throws `CoreError`, or the reason of an aborted signal. */
export async function digestFile(path: string, signal?: AbortSignal): Promise<FileRecord> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const piece of createReadStream(path, { highWaterMark: READ_BYTES })) {
      throwIfAborted(signal);
      hash.update(piece as Buffer);
      bytes += (piece as Buffer).length;
    }
  } catch (error) {
    throw toCoreError(error);
  }
  return { bytes, sha256: hash.digest('hex') };
}
