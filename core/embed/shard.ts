/**
 * The file of one range of vectors. Knows its bytes; nothing about texts, models or which ranges there are.
 *
 * All numbers little-endian:
 *   0   8 bytes   "FNSHARD1" (the last character is the version)
 *   8   u32       dimensions
 *   12  u32       rows
 *   16  u64       first row
 *   24  32 bytes  SHA-256 of bytes 0..23 and the payload
 *   56  f32 x rows x dimensions, row-major
 */
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { CoreError, toCoreError } from '../errors.ts';
import { makeWhole, temporary } from '../runtime/whole-file.ts';

export interface ShardHeader {
  dimensions: number;
  firstRow: number;
  rows: number;
}

export interface Shard extends ShardHeader {
  /** Row-major, rows x dimensions. */
  vectors: Float32Array;
}

const MAGIC = 'FNSHARD1';
const FACTS_BYTES = 24;
const HEADER_BYTES = 56;

/** Writes a temporary file, syncs it, renames it. Throws `bad-input` for a vector that is not finite, or `disk`. */
export async function writeShard(path: string, shard: Shard): Promise<void> {
  const { dimensions, firstRow, rows, vectors } = shard;
  if (vectors.length !== rows * dimensions)
    throw new CoreError('internal', `${vectors.length} numbers are not ${rows} rows of ${dimensions}.`);
  refuseNotFinite(path, shard);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(dimensions, 8);
  header.writeUInt32LE(rows, 12);
  header.writeBigUInt64LE(BigInt(firstRow), 16);
  const payload = littleEndian(vectors);
  digest(header, payload).copy(header, FACTS_BYTES);
  try {
    const file = await open(temporary(path), 'w');
    try {
      // Unlike writev, writeFile continues after a short write.
      await file.writeFile(header);
      await file.writeFile(payload);
    } finally {
      await file.close();
    }
    await makeWhole(path);
  } catch (error) {
    await rm(temporary(path), { force: true }).catch(() => undefined);
    throw toCoreError(error);
  }
}

/** Reads and checks a whole shard. Throws `bad-input` with one sentence for anything that is not one, `not-found` where it is absent. */
export async function readShard(path: string, dimensions?: number): Promise<Shard> {
  return withFile(path, async (file, size) => {
    const { header, bytes } = await readHeader(path, file, size);
    if (dimensions !== undefined && header.dimensions !== dimensions)
      throw bad(path, `its vectors have ${header.dimensions} numbers, ${dimensions} were expected`);
    const payload = Buffer.alloc(size - HEADER_BYTES);
    await file.read(payload, 0, payload.length, HEADER_BYTES);
    if (!digest(bytes, payload).equals(bytes.subarray(FACTS_BYTES)))
      throw bad(path, 'its content does not match its checksum');
    const shard = { ...header, vectors: littleEndianFloats(payload) };
    refuseNotFinite(path, shard);
    return shard;
  });
}

/** Reads a shard's header and checks the file's length against it; {@link readShard} also checks the payload. */
export async function readShardHeader(path: string): Promise<ShardHeader> {
  return withFile(path, async (file, size) => (await readHeader(path, file, size)).header);
}

type FileHandle = Awaited<ReturnType<typeof open>>;

async function withFile<T>(path: string, work: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    return await work(file, (await file.stat()).size);
  } catch (error) {
    throw toCoreError(error);
  } finally {
    await file?.close();
  }
}

async function readHeader(
  path: string,
  file: FileHandle,
  size: number,
): Promise<{ header: ShardHeader; bytes: Buffer }> {
  const bytes = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await file.read(bytes, 0, HEADER_BYTES, 0);
  if (bytesRead < HEADER_BYTES) throw bad(path, `it ends after ${size} bytes, within its header`);
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw bad(path, `it does not begin with ${MAGIC}`);
  const header = {
    dimensions: bytes.readUInt32LE(8),
    rows: bytes.readUInt32LE(12),
    firstRow: Number(bytes.readBigUInt64LE(16)),
  };
  const expected = HEADER_BYTES + header.rows * header.dimensions * 4;
  if (size !== expected) throw bad(path, `it has ${size} bytes where its header promises ${expected}`);
  return { header, bytes };
}

function bad(path: string, what: string): CoreError {
  return new CoreError('bad-input', `${path} is not a whole shard of vectors: ${what}.`, {
    hint: 'Delete the file and run the same build again; only its rows are embedded anew.',
  });
}

function refuseNotFinite(path: string, { vectors, dimensions, firstRow }: Shard): void {
  const at = vectors.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new CoreError(
      'bad-input',
      `The vector of row ${firstRow + Math.floor(at / dimensions)} for ${path} holds a value that is not a finite number.`,
      { hint: 'The weights may be damaged: pull the model again, then run the same build again.' },
    );
}

function digest(header: Buffer, payload: Buffer): Buffer {
  return createHash('sha256').update(header.subarray(0, FACTS_BYTES)).update(payload).digest();
}

const BIG_ENDIAN_HOST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

function littleEndian(vectors: Float32Array): Buffer {
  const bytes = Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength);
  return BIG_ENDIAN_HOST ? Buffer.from(bytes).swap32() : bytes;
}

function littleEndianFloats(payload: Buffer): Float32Array {
  if (BIG_ENDIAN_HOST) payload.swap32();
  return new Float32Array(payload.buffer, payload.byteOffset, payload.length / 4);
}
