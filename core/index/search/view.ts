/**
 * A view: a small FAISS index that holds the centroids and an nprobe of its own, while its inverted lists stay in the data
 * file, mapped into memory. It gives each search its nprobe, which faiss-node cannot set, and loads nothing.
 * Knows file layout; loads no native module.
 */
import { access, constants, open, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CoreError } from '../../errors.ts';
import { bytes, encodeDiskLists, NPROBE_AT } from '../format/faiss-format.ts';
import type { FaissFile } from '../format/faiss-read.ts';

/** The most bytes that Node reads into one buffer. */
const READ_AT_ONCE = 2 ** 31 - 1;

/** Whether FAISS can map the file: it opens it for writing, and its Windows build has no mapping. */
export async function canMap(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** The bytes of a view of an `IwFl` or `IwPQ` file, with or without a transform; never add to such an index. */
export async function mappedView(file: FaissFile, nprobe: number): Promise<Buffer> {
  const { lists } = file.searched;
  if (lists === undefined) throw new CoreError('internal', `${file.path} has no inverted lists.`);
  const head = Buffer.alloc(lists.listsAt);
  const handle = await open(file.path);
  try {
    await handle.read(head, 0, head.length, 0);
  } finally {
    await handle.close();
  }
  choose(head, file, nprobe);
  return bytes(head, encodeDiskLists({ ...lists, path: resolve(file.path), fileBytes: file.bytes }));
}

/**
 * The whole file's bytes with another nprobe, for a machine that cannot map it.
 * Throws `CoreError('native')` above 2 GiB.
 */
export async function patchedCopy(file: FaissFile, nprobe: number): Promise<Buffer> {
  if (file.bytes > READ_AT_ONCE)
    throw new CoreError(
      'native',
      `${file.path} is too large to be loaded with another nprobe than its own, and it cannot be mapped here.`,
      { hint: 'Make the file writable, or leave --nprobe out.' },
    );
  const copy = await readFile(file.path);
  choose(copy, file, nprobe);
  return copy;
}

/** Breadth of the search for lists in a graph: twice as many as are visited, at least 64, find them reliably. */
const BREADTH = { each: 2, least: 64 };

/** Sets how many lists a search visits, and how broadly a graph over the centroids looks for them. */
function choose(head: Buffer, file: FaissFile, nprobe: number): void {
  const { at, quantizer } = file.searched;
  head.writeBigUInt64LE(BigInt(nprobe), at + NPROBE_AT);
  const { efSearchAt } = quantizer ?? {};
  if (efSearchAt !== undefined) head.writeInt32LE(Math.max(BREADTH.least, BREADTH.each * nprobe), efSearchAt);
}
