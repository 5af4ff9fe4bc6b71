/**
 * Knows how a file on disk is measured and made durable. Knows nothing about what is in it.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CoreError, throwIfAborted, toCoreError } from '../errors.ts';
import type { FileRecord } from '../types.ts';

const READ_BYTES = 1 << 20;

/** Size and SHA-256 of a file, read as a stream. */
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

/** Brings a rename in `folder` to disk, where the platform lets a folder be opened. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    throw new CoreError('disk', `The folder ${folder} could not be brought to disk.`, { cause: error });
  } finally {
    await handle.close();
  }
}
