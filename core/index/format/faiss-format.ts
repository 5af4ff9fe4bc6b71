/**
 * FAISS's index file format, as far as `IndexFlat`, `IndexScalarQuantizer`, `IndexIVFFlat`, `IndexIVFPQ` and a PCA before
 * the last two go (faiss/impl/index_write.cpp, versions 1.7 on): little-endian, nothing aligned, `vec` = u64 count and then the elements.
 *
 *   index    cc[4]  i32 d  i64 ntotal  i64 2^20  i64 2^20  u8 trained  i32 metric            37 bytes, then the body
 *   IxFI     vec<f32> vectors
 *   IxSQ     i32 type  i32 0  f32 0  u64 d  u64 code size  vec<f32> ranges  vec<u8> codes
 *   IwFl     u64 nlist (@37)  u64 nprobe (@45)  index quantizer (@53)  u8 0  vec<i64> 0      then the inverted lists:
 *   IwPQ     the same, and before the lists  u8 1  u64 code size  u64 d  u64 parts  u64 8  vec<f32> codebooks
 *   IxPT     i32 1  a transform such as `Pcam`, then the whole index of what comes out of it
 *   Pcam     f32 0  f32 0  u8 0  i32 0  vec<f32> mean  vec<f32> eigenvalues  vec<f32> components
 *            u8 1  vec<f32> components  vec<f32> bias  i32 d in  i32 d out  u8 1
 *   ilar     u64 nlist  u64 code size  `full` vec<u64> sizes | `sprs` vec<u64> (list, size)  then codes and ids of each list
 *   ilod     u64 nlist  u64 code size  vec<u64 size, capacity, offset>  vec 0  vec<u8> path  u64 bytes of that file
 *
 * Knows bytes; opens no file.
 */

import { biasOf, type Pca } from '../train/pca.ts';

/** i32 metric by name; the format has more, which no index of ours uses. */
export const METRIC = { 'inner-product': 0, l2: 1 } as const;
export type Metric = keyof typeof METRIC;

export const HEADER_BYTES = 37;
/** Offset from the start of an inverted-file index. */
export const NPROBE_AT = 45;
/** The direct map that IVF indexes carry and ours leave empty: type 0 and an empty vector. */
const DIRECT_MAP_BYTES = 9;
export const ID_BYTES = 8;

const RESERVED = 2n ** 20n;
/** Offset that marks a list which was never written. */
const NOWHERE = 2n ** 64n - 1n;

/** Builds a buffer from fields in order. */
export const bytes = (...parts: Uint8Array[]): Buffer => Buffer.concat(parts);

export function u64(...values: (number | bigint)[]): Buffer {
  const buffer = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => {
    buffer.writeBigUInt64LE(BigInt(value), 8 * i);
  });
  return buffer;
}

function i32(...values: number[]): Buffer {
  return bytesOf(Uint32Array.from(values));
}

/** The bytes under a typed array, not copied. */
export function bytesOf(array: Float32Array | Uint32Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

export interface IndexHead {
  fourcc: string;
  dimensions: number;
  rows: number;
  metric: Metric;
}

/** The 37 bytes that every trained index starts with. */
function encodeIndexHead({ fourcc, dimensions, rows, metric }: IndexHead): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.write(fourcc, 0, 'latin1');
  head.writeInt32LE(dimensions, 4);
  head.writeBigInt64LE(BigInt(rows), 8);
  head.writeBigInt64LE(RESERVED, 16);
  head.writeBigInt64LE(RESERVED, 24);
  head.writeUInt8(1, 32);
  head.writeInt32LE(METRIC[metric], 33);
  return head;
}

/** Everything of an `IxFI` file before its vectors. */
export function encodeFlatHead(rows: number, dimensions: number): Buffer {
  const head = encodeIndexHead({ fourcc: 'IxFI', dimensions, rows, metric: 'inner-product' });
  return bytes(head, u64(rows * dimensions));
}

export interface IvfParts {
  rows: number;
  dimensions: number;
  nprobe: number;
  /** Row-major, `sizes.length x dimensions`. */
  centroids: Float32Array;
  /** An index over the centroids in FAISS's format, instead of a flat one. */
  graph?: Uint8Array | undefined;
  /** Row-major `subspaces x 256 x dimensions / subspaces`; absent where lists hold vectors themselves. */
  codebooks?: Float32Array | undefined;
  subspaces?: number | undefined;
  /** Number of vectors in each list. */
  sizes: Uint32Array;
}

/** Bytes of a vector in its list, without its id. */
export function codeSizeOf({
  dimensions,
  subspaces,
}: {
  dimensions: number;
  subspaces?: number | undefined;
}): number {
  return subspaces ?? dimensions * 4;
}

/** Everything of an `IxPT` file before the index that receives the projected vectors. */
export function encodePcaHead(rows: number, pca: Pca): Buffer {
  const { mean, eigenvalues, components } = pca;
  const [dimensions, kept] = [mean.length, eigenvalues.length];
  const floats = (array: Float32Array) => bytes(u64(array.length), bytesOf(array));
  return bytes(
    encodeIndexHead({ fourcc: 'IxPT', dimensions, rows, metric: 'inner-product' }),
    i32(1),
    Buffer.from('Pcam'),
    Buffer.alloc(4 + 4 + 1 + 4), // no whitening, no rotation, no balanced bins
    floats(mean),
    floats(eigenvalues),
    floats(components),
    Buffer.of(1),
    floats(components),
    floats(biasOf(pca)),
    i32(dimensions, kept),
    Buffer.of(1),
  );
}

/** Everything of an `IwFl` or `IwPQ` file before its first inverted list. */
export function encodeIvfHead(parts: IvfParts): Buffer {
  const { rows, dimensions, nprobe, centroids, graph, codebooks, subspaces, sizes } = parts;
  const nlist = sizes.length;
  const coded = codebooks !== undefined && subspaces !== undefined;
  return bytes(
    encodeIndexHead({ fourcc: coded ? 'IwPQ' : 'IwFl', dimensions, rows, metric: 'inner-product' }),
    u64(nlist, nprobe),
    graph ?? bytes(encodeFlatHead(nlist, dimensions), bytesOf(centroids)),
    Buffer.alloc(DIRECT_MAP_BYTES),
    coded ? encodeProductQuantizer(dimensions, subspaces, codebooks) : Buffer.alloc(0),
    Buffer.from('ilar'),
    u64(nlist, codeSizeOf(parts)),
    encodeSizes(sizes),
  );
}

/** Codes of residuals, a vector minus its centroid: u8 1, then the quantizer. */
function encodeProductQuantizer(dimensions: number, subspaces: number, codebooks: Float32Array): Buffer {
  return bytes(Buffer.of(1), u64(subspaces, dimensions, subspaces, 8, codebooks.length), bytesOf(codebooks));
}

/** Forms of the vectors for rescoring, by FAISS's name: bytes per dimension, and FAISS's number for the type. */
export const SCALARS = { SQ8: { bytes: 1, type: 0 }, SQfp16: { bytes: 2, type: 4 } } as const;
export type Scalar = keyof typeof SCALARS;

/** Everything of an `IxSQ` file before its codes. @param trained `SQ8`: least values, then ranges; `SQfp16`: empty */
export function encodeScalarHead(
  scalar: Scalar,
  rows: number,
  dimensions: number,
  trained: Float32Array,
): Buffer {
  const { bytes: size, type } = SCALARS[scalar];
  const ranges = Buffer.alloc(12); // type, how ranges were found (least to most), its argument
  ranges.writeInt32LE(type);
  return bytes(
    encodeIndexHead({ fourcc: 'IxSQ', dimensions, rows, metric: 'inner-product' }),
    ranges,
    u64(dimensions, dimensions * size, trained.length),
    bytesOf(trained),
    u64(rows * dimensions * size),
  );
}

/** FAISS writes every size if more than half of the lists are non-empty, else only the sizes of those. */
function encodeSizes(sizes: Uint32Array): Buffer {
  let used = 0;
  for (const size of sizes) if (size > 0) used += 1;
  const full = used > sizes.length / 2;
  const numbers = Buffer.alloc(8 * (full ? sizes.length : 2 * used));
  let at = 0;
  sizes.forEach((size, list) => {
    if (!full && size === 0) return;
    if (!full) at = numbers.writeBigUInt64LE(BigInt(list), at);
    at = numbers.writeBigUInt64LE(BigInt(size), at);
  });
  return bytes(Buffer.from(full ? 'full' : 'sprs'), u64(numbers.length / 8), numbers);
}

export interface DiskLists {
  /** Absolute path of the file that holds the lists. */
  path: string;
  fileBytes: number;
  codeSize: number;
  sizes: Uint32Array;
  /** Where each list starts in that file. */
  offsets: Float64Array;
}

/** Inverted lists in another file, which FAISS maps into memory instead of reading it. */
export function encodeDiskLists({ path, fileBytes, codeSize, sizes, offsets }: DiskLists): Buffer {
  const places = Buffer.alloc(24 * sizes.length);
  sizes.forEach((size, list) => {
    places.writeBigUInt64LE(BigInt(size), 24 * list);
    places.writeBigUInt64LE(BigInt(size), 24 * list + 8);
    places.writeBigUInt64LE(size === 0 ? NOWHERE : BigInt(offsets[list] ?? 0), 24 * list + 16);
  });
  const name = Buffer.from(path);
  return bytes(
    Buffer.from('ilod'),
    u64(sizes.length, codeSize, sizes.length),
    places,
    u64(0, name.length),
    name,
    u64(fileBytes),
  );
}

/** Where each list of an `ilar` body starts: codes, then ids, list after list. The last entry is the end of the file. */
export function listOffsets(sizes: Uint32Array, codeSize: number, bodyAt: number): Float64Array {
  const offsets = new Float64Array(sizes.length + 1);
  let at = bodyAt;
  sizes.forEach((size, list) => {
    offsets[list] = at;
    at += size * (codeSize + ID_BYTES);
  });
  offsets[sizes.length] = at;
  return offsets;
}
