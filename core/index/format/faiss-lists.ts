/**
 * Reads the header of the inverted lists in a FAISS file: the length and place of each. Knows no codes.
 */
import type { Cursor } from './faiss-cursor.ts';
import { listOffsets } from './faiss-format.ts';

export interface ListLayout {
  /** Where the inverted lists' own header starts. */
  listsAt: number;
  codeSize: number;
  sizes: Uint32Array;
  /** Absolute place of each list; the last entry is the end of the last one. */
  offsets: Float64Array;
}

/** Lists stored one after another (`ilar`), or packed in blocks for fast scans (`ilbl`); the cursor ends after them. */
export async function readLists(
  file: Cursor,
  nlist: number,
  codeSize: number,
  rows: number,
): Promise<ListLayout> {
  const listsAt = file.at;
  const kind = await file.text(4);
  file.expect((await file.count()) === nlist, 'its inverted lists do not fit its header');
  if (kind === 'ilbl') return readBlocks(file, listsAt, nlist, codeSize);
  file.expect((await file.count()) === codeSize, 'its inverted lists do not fit its header');
  file.expect(kind === 'ilar', 'its inverted lists are of a kind that is not known');
  const sizes = await listSizes(file, nlist, rows);
  const offsets = listOffsets(sizes, codeSize, file.at);
  file.expect(
    sizes.reduce((sum, size) => sum + size, 0) === rows && (offsets[nlist] ?? 0) <= file.size,
    'its length does not fit the lengths of its inverted lists',
  );
  file.at = offsets[nlist] ?? file.at;
  return { listsAt, codeSize, sizes, offsets };
}

async function readBlocks(
  file: Cursor,
  listsAt: number,
  nlist: number,
  codeSize: number,
): Promise<ListLayout> {
  file.skip(24); // size of a code (none), vectors and bytes in a block
  const sizes = new Uint32Array(nlist);
  const offsets = new Float64Array(nlist + 1);
  for (let list = 0; list < nlist; list++) {
    offsets[list] = file.at;
    sizes[list] = await file.vector(8);
    await file.vector(1);
  }
  offsets[nlist] = file.at;
  return { listsAt, codeSize, sizes, offsets };
}

async function listSizes(file: Cursor, nlist: number, rows: number): Promise<Uint32Array> {
  const form = await file.text(4);
  const count = await file.count();
  file.expect(
    (form === 'full' && count === nlist) || (form === 'sprs' && count % 2 === 0 && count <= 2 * nlist),
    'the lengths of its inverted lists are broken',
  );
  const raw = await file.bytes(count * 8);
  const sizes = new Uint32Array(nlist);
  const put = (list: number, size: number) => {
    file.expect(list < nlist && size <= rows && rows < 2 ** 32, 'an inverted list has an impossible length');
    sizes[list] = size;
  };
  const number = (i: number) => Number(raw.readBigUInt64LE(8 * i));
  if (form === 'full') for (let list = 0; list < count; list++) put(list, number(list));
  else for (let i = 0; i < count; i += 2) put(number(i), number(i + 1));
  return sizes;
}
