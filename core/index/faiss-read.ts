/**
 * Reads FAISS index files as far as Footnote must understand them before FAISS itself may: what kind, how large, and that
 * every length fits the file, since a wrong one ends the process that maps it. Never reads vectors into memory.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { CoreError, toCoreError } from '../errors.ts';
import {
  DIRECT_MAP_BYTES,
  HEADER_BYTES,
  listOffsets,
  METRIC,
  type Metric,
  NLIST_AT,
  QUANTIZER_AT,
} from './faiss-format.ts';

export interface FaissHeader {
  /** FAISS's four letters for the class, e.g. `IwFl`. */
  fourcc: string;
  dimensions: number;
  rows: number;
  trained: boolean;
  metric: Metric;
  /** Inverted-file indexes only. */
  ivf?: { nlist: number; nprobe: number };
}

export interface ListLayout {
  /** Where the inverted lists' own header starts. */
  listsAt: number;
  codeSize: number;
  sizes: Uint32Array;
  /** Absolute place of each list; the last entry is the end of the file. */
  offsets: Float64Array;
}

export interface FaissFile extends FaissHeader {
  path: string;
  bytes: number;
  /** `IwFl` only. */
  lists?: ListLayout;
}

/** FAISS's own bound on the length of anything. */
const MOST_ELEMENTS = 2 ** 40;
const MOST_DIMENSIONS = 2 ** 20;

/** The header of any FAISS index file. Throws `CoreError('bad-input')` where it is none, `CoreError('not-found')`. */
export async function readFaissHeader(path: string): Promise<FaissHeader> {
  return withFile(path, header);
}

/**
 * An `IxFI` or `IwFl` file (inner product, flat quantizer, lists in the same file), every length checked against the file's.
 * Throws `CoreError('bad-input')` that names the file and what is wrong, `CoreError('incompatible')` for other kinds,
 * `CoreError('not-found')`.
 */
export async function readFaissFile(path: string): Promise<FaissFile> {
  return withFile(path, async (file) => {
    const head = await header(file);
    if (head.metric !== 'inner-product' || !head.trained || !['IxFI', 'IwFl'].includes(head.fourcc))
      throw new CoreError('incompatible', `${path} is a FAISS index of a kind that is not searched here.`, {
        hint: 'Build it again with --recipe Flat or --recipe IVF<lists>,Flat.',
        details: { fourcc: head.fourcc, metric: head.metric },
      });
    const facts = { ...head, path, bytes: file.size };
    if (head.fourcc === 'IwFl') return { ...facts, lists: await listLayout(file, head) };
    await expectFlatBody(file, HEADER_BYTES, head.rows * head.dimensions);
    file.expect(file.at === file.size, 'its length does not fit its header');
    return facts;
  });
}

async function header(file: Cursor): Promise<FaissHeader> {
  const fourcc = await file.text(4);
  file.expect(/^I[A-Za-z0-9]{3}$/.test(fourcc), 'it does not start as a FAISS index does');
  const dimensions = await file.i32();
  file.expect(dimensions > 0 && dimensions <= MOST_DIMENSIONS, 'its number of dimensions is impossible');
  const rows = await file.count();
  file.skip(16);
  const trained = (await file.u8()) === 1;
  const metricNumber = await file.i32();
  const metric = (Object.keys(METRIC) as Metric[]).find((name) => METRIC[name] === metricNumber);
  if (metric === undefined) return file.fail('its metric is neither inner product nor L2');
  if (!fourcc.startsWith('Iw')) return { fourcc, dimensions, rows, trained, metric };
  file.at = NLIST_AT;
  return {
    fourcc,
    dimensions,
    rows,
    trained,
    metric,
    ivf: { nlist: await file.count(), nprobe: await file.count() },
  };
}

async function listLayout(file: Cursor, head: FaissHeader): Promise<ListLayout> {
  const nlist = head.ivf?.nlist ?? 0;
  file.at = QUANTIZER_AT;
  const quantizer = await header(file);
  file.expect(
    quantizer.fourcc === 'IxFI' &&
      quantizer.trained &&
      quantizer.metric === head.metric &&
      quantizer.dimensions === head.dimensions &&
      quantizer.rows === nlist,
    'its centroids do not fit its header',
  );
  await expectFlatBody(file, QUANTIZER_AT + HEADER_BYTES, nlist * head.dimensions);
  const directMap = await file.bytes(DIRECT_MAP_BYTES);
  file.expect(
    directMap.every((byte) => byte === 0),
    'it carries a direct map',
  );
  const listsAt = file.at;
  const kind = await file.text(4);
  const [lists, codeSize] = [await file.count(), await file.count()];
  file.expect(
    kind === 'ilar' && lists === nlist && codeSize === head.dimensions * 4,
    'its inverted lists do not fit its header',
  );
  const sizes = await listSizes(file, nlist, head.rows);
  const offsets = listOffsets(sizes, codeSize, file.at);
  file.expect(
    sizes.reduce((sum, size) => sum + size, 0) === head.rows && offsets[nlist] === file.size,
    'its length does not fit the lengths of its inverted lists',
  );
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
  const numbers = Array.from({ length: count }, (_, i) => Number(raw.readBigUInt64LE(8 * i)));
  const sizes = new Uint32Array(nlist);
  const put = (list: number, size: number) => {
    file.expect(list < nlist && size <= rows && rows < 2 ** 32, 'an inverted list has an impossible length');
    sizes[list] = size;
  };
  if (form === 'full')
    numbers.forEach((size, list) => {
      put(list, size);
    });
  else for (let i = 0; i < count; i += 2) put(numbers[i] ?? nlist, numbers[i + 1] ?? 0);
  return sizes;
}

/** Passes over a flat index's body of `floats` numbers. */
async function expectFlatBody(file: Cursor, at: number, floats: number): Promise<void> {
  file.at = at;
  file.expect((await file.count()) === floats, 'its number of vectors does not fit its header');
  file.skip(floats * 4);
}

async function withFile<T>(path: string, read: (file: Cursor) => Promise<T>): Promise<T> {
  const handle = await open(path).catch((error) => {
    throw toCoreError(error);
  });
  try {
    return await read(cursor(path, handle, (await handle.stat()).size));
  } finally {
    await handle.close();
  }
}

type Cursor = ReturnType<typeof cursor>;

/** Reads fields one after another and never past the end of the file. */
function cursor(path: string, handle: FileHandle, size: number) {
  const fail = (what: string): never => {
    throw new CoreError('bad-input', `${path} is not a whole FAISS index: ${what}.`, {
      hint: 'Check the build with `footnote builds verify NAME`, or build it again.',
    });
  };
  const self = {
    at: 0,
    size,
    fail,
    expect(condition: boolean, otherwise: string) {
      if (!condition) fail(otherwise);
    },
    skip(length: number) {
      if (length > size - self.at) fail(`it ends at byte ${size}`);
      self.at += length;
    },
    async bytes(length: number): Promise<Buffer> {
      const from = self.at;
      self.skip(length);
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await handle.read(buffer, 0, length, from);
      if (bytesRead < length) fail(`it ends at byte ${from + bytesRead}`);
      return buffer;
    },
    text: async (length: number) => (await self.bytes(length)).toString('latin1'),
    u8: async () => (await self.bytes(1)).readUInt8(),
    i32: async () => (await self.bytes(4)).readInt32LE(),
    /** A u64 or i64 that counts something. */
    async count(): Promise<number> {
      const value = (await self.bytes(8)).readBigUInt64LE();
      if (value > MOST_ELEMENTS) fail(`a length in it is impossible (byte ${self.at - 8})`);
      return Number(value);
    },
  };
  return self;
}
