/**
 * The file of the word index: its parts, and how one is opened and asked for a term.
 * Knows bytes; nothing about scores. Fixed-size numbers are little-endian; "number" means one of `bytes.ts`.
 *
 *   0   8 bytes  "FNWORDS1" (the last character is the version)
 *   8   u32      rows
 *   12  u32      window bits: a window is 2^bits rows
 *   16  f64      position of the dictionary
 *   24  f64      position of the page list
 *   32  f64      bytes of the file
 *   40           for each term, in the order of terms: its postings, window by window, then its directory.
 *                A posting: row in the window - previous row - 1 (number; the first has -1 before it), impact (byte).
 *                A directory, for each window that has the term: window - previous window - 1 (number; the first has -1
 *                before it), highest impact (byte), bytes of its postings (number).
 *   dictionary   pages: position of the first term's postings (number), then for each: term (length byte, UTF-8),
 *                rows that have it, bytes of its postings, bytes of its directory (numbers)
 *   page list    for each page: its first term, its bytes (number)
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CoreError, orCoreError, toCoreError } from '../../errors.ts';
import { readBytes } from './bytes.ts';

const MAGIC = 'FNWORDS1';
export const HEADER_BYTES = 40;
/** For new indexes: smaller and larger windows were slower, see README.md. */
export const WINDOW_BITS = 12;
/** Rows within a window are counted in 16 bits. */
const MOST_WINDOW_BITS = 16;
const READ_BYTES = 1 << 20;

export interface WordsHeader {
  rows: number;
  windowBits: number;
  dictionary: number;
  pageList: number;
  bytes: number;
}

/** Where a term's postings and directory are. */
export interface TermPlace {
  rows: number;
  position: number;
  postingBytes: number;
  directoryBytes: number;
}

export interface WordsFile {
  readonly rows: number;
  readonly windowBits: number;
  /** Undefined if no row has the term. */
  find(term: string): TermPlace | undefined;
  /** Reads `length` bytes at `position`. */
  read(position: number, length: number): Buffer;
  close(): void;
}

export function encodeHeader({ rows, windowBits, dictionary, pageList, bytes }: WordsHeader): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(rows, 8);
  header.writeUInt32LE(windowBits, 12);
  header.writeDoubleLE(dictionary, 16);
  header.writeDoubleLE(pageList, 24);
  header.writeDoubleLE(bytes, 32);
  return header;
}

/** Throws `not-found` if there is none, `bad-input` for a file that is truncated or not a word index. */
export function openWords(path: string): WordsFile {
  const file = openFile(path);
  try {
    const header = readHeader(file, path);
    const pages = readPageList(path, header);
    const read = (position: number, length: number) => {
      if (position + length > header.bytes) throw damaged(path);
      return readAt(file, path, position, length);
    };
    return {
      rows: header.rows,
      windowBits: header.windowBits,
      find: (term) => find(term, pages, read),
      read,
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** The file's header, or undefined if there is no file. */
export function readWordsHeader(path: string): WordsHeader | undefined {
  let file: number;
  try {
    file = openFile(path);
  } catch (error) {
    if (error instanceof CoreError && error.code === 'not-found') return undefined;
    throw error;
  }
  try {
    return readHeader(file, path);
  } finally {
    closeSync(file);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new CoreError('not-found', `There is no word index ${path}.`, {
        hint: 'Run `footnote build` again; it goes on where it was. A finished build must be removed first.',
        cause: error,
      });
    throw toCoreError(error);
  }
}

function readHeader(file: number, path: string): WordsHeader {
  const header = readAt(file, path, 0, HEADER_BYTES);
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) throw damaged(path);
  const found = {
    rows: header.readUInt32LE(8),
    windowBits: header.readUInt32LE(12),
    dictionary: header.readDoubleLE(16),
    pageList: header.readDoubleLE(24),
    bytes: header.readDoubleLE(32),
  };
  const { windowBits, dictionary, pageList, bytes } = found;
  const inOrder = HEADER_BYTES <= dictionary && dictionary <= pageList && pageList <= bytes;
  const whole = [dictionary, pageList, bytes].every(Number.isSafeInteger) && bytes === fstatSync(file).size;
  if (!inOrder || !whole || windowBits > MOST_WINDOW_BITS) throw damaged(path);
  return found;
}

interface Pages {
  firstTerms: string[];
  /** Position of each page, and the end of the last. */
  positions: number[];
}

function readPageList(path: string, { dictionary, pageList, bytes }: WordsHeader): Pages {
  const firstTerms: string[] = [];
  const positions = [dictionary];
  const reader = readBytes(path, READ_BYTES, pageList, bytes);
  try {
    let position = dictionary;
    while (!reader.ended) {
      firstTerms.push(reader.term());
      position += reader.number();
      positions.push(position);
    }
    if (position !== pageList) throw damaged(path);
  } finally {
    reader.close();
  }
  return { firstTerms, positions };
}

function find(
  term: string,
  { firstTerms, positions }: Pages,
  read: WordsFile['read'],
): TermPlace | undefined {
  let low = 0;
  let high = firstTerms.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((firstTerms[middle] as string) <= term) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return undefined;
  const start = positions[low - 1] as number;
  const page = read(start, (positions[low] as number) - start);
  const wanted = Buffer.from(term);
  let at = 0;
  const number = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = page[at++] ?? 0;
      value += (next & 127) * scale;
      if (next < 128) return value;
    }
  };
  let position = number();
  while (at < page.length) {
    const length = page[at++] as number;
    const found = length === wanted.length && page.compare(wanted, 0, length, at, at + length) === 0;
    at += length;
    const place = { rows: number(), position, postingBytes: number(), directoryBytes: number() };
    if (found) return place;
    position += place.postingBytes + place.directoryBytes;
  }
  return undefined;
}

function readAt(file: number, path: string, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const got = orCoreError(() => readSync(file, bytes, done, length - done, position + done));
    if (got === 0) throw damaged(path);
    done += got;
  }
  return bytes;
}

function damaged(path: string): CoreError {
  return new CoreError('bad-input', `${path} is damaged or is not a word index.`, {
    hint: 'Remove its build with `footnote builds remove NAME` and build it again.',
  });
}
