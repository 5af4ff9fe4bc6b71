/**
 * Reads the fields of a FAISS file one after another, never past its end. Knows numbers and lengths; not what they mean.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { CoreError, toCoreError } from '../../errors.ts';

/** FAISS's own bound on the length of anything. */
const MOST_ELEMENTS = 2 ** 40;

/** Opens a file to read its fields. Throws `CoreError('not-found')`, `CoreError('bad-input')` if it is incomplete. */
export async function withFile<T>(path: string, read: (file: Cursor) => Promise<T>): Promise<T> {
  const handle = await open(path).catch((error) => {
    throw toCoreError(error);
  });
  try {
    return await read(cursor(path, handle, (await handle.stat()).size));
  } finally {
    await handle.close();
  }
}

export interface Cursor {
  at: number;
  readonly size: number;
  fail(what: string): never;
  expect(condition: boolean, otherwise: string): void;
  skip(length: number): void;
  bytes(length: number): Promise<Buffer>;
  text(length: number): Promise<string>;
  u8(): Promise<number>;
  i32(): Promise<number>;
  /** A u64 or i64 that counts something. */
  count(): Promise<number>;
  /** Skips a vector of elements of `bytes` each; returns their number, which must be `expected` if that is given. */
  vector(bytes: number, expected?: number): Promise<number>;
}

function cursor(path: string, handle: FileHandle, size: number): Cursor {
  const fail = (what: string): never => {
    throw new CoreError('bad-input', `${path} is not a whole FAISS index: ${what}.`, {
      hint: 'Check the build with `footnote builds verify NAME`, or build it again.',
    });
  };
  const self: Cursor = {
    at: 0,
    size,
    fail,
    expect(condition, otherwise) {
      if (!condition) fail(otherwise);
    },
    skip(length) {
      if (length > size - self.at) fail(`it ends at byte ${size}`);
      self.at += length;
    },
    async bytes(length) {
      const from = self.at;
      self.skip(length);
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await handle.read(buffer, 0, length, from);
      if (bytesRead < length) fail(`it ends at byte ${from + bytesRead}`);
      return buffer;
    },
    text: async (length) => (await self.bytes(length)).toString('latin1'),
    u8: async () => (await self.bytes(1)).readUInt8(),
    i32: async () => (await self.bytes(4)).readInt32LE(),
    async count() {
      const value = (await self.bytes(8)).readBigUInt64LE();
      if (value > MOST_ELEMENTS) fail(`a length in it is impossible (byte ${self.at - 8})`);
      return Number(value);
    },
    async vector(bytes, expected) {
      const at = self.at;
      const count = await self.count();
      if (expected !== undefined && count !== expected)
        fail(`it has ${count} elements where ${expected} were expected (byte ${at})`);
      self.skip(count * bytes);
      return count;
    },
  };
  return self;
}
