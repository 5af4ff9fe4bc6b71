/**
 * Knows how to write a file completely or not at all: under a temporary name, synced to disk, then renamed.
 */
import { createWriteStream, writeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Where a file is written until it is complete. */
export const temporary = (path: string): string => `${path}.tmp`;

/** Writes everything that `content` yields to `path`, completely or not at all. */
export async function writeWhole(
  path: string,
  content: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  await pipeline(content, createWriteStream(temporary(path)), { signal });
  await makeWhole(path);
}

/** Syncs what was written under the temporary name to disk and gives it its own name. */
export async function makeWhole(path: string): Promise<void> {
  await sync(temporary(path));
  await rename(temporary(path), path);
  await syncFolder(dirname(path));
}

/** Syncs a rename in `folder` to disk; Windows cannot open a folder, and does not need this. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== 'win32') await sync(folder);
}

/** Writes all of `bytes` at `position`. */
export function writeAllSync(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
}

async function sync(path: string): Promise<void> {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
