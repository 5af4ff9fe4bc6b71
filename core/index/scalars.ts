/**
 * FAISS's scalar quantizers, by which vectors are kept for rescoring: `SQ8`, one byte a dimension between the least and the
 * largest value that the training sample has there, and `SQfp16`, half precision (IEEE 754 binary16).
 * Knows numbers; no file. Formulas: faiss/impl/ScalarQuantizer.cpp.
 */
import { SCALARS, type Scalar } from './faiss-format.ts';
import type { VectorSource } from './vectors.ts';

export interface ScalarCoding {
  scalar: Scalar;
  /** `SQ8`: the least value of each dimension, then the range of each; `SQfp16`: empty. */
  trained: Float32Array;
  recordBytes: number;
}

/** What vectors like those of the sample are coded with. */
export async function trainScalars(scalar: Scalar, sample: VectorSource): Promise<ScalarCoding> {
  const { dimensions } = sample;
  const recordBytes = dimensions * SCALARS[scalar].bytes;
  if (scalar === 'SQfp16') return { scalar, trained: new Float32Array(), recordBytes };
  const least = new Float32Array(dimensions).fill(Number.POSITIVE_INFINITY);
  const most = new Float32Array(dimensions).fill(Number.NEGATIVE_INFINITY);
  for await (const { vectors } of sample.read(0, sample.rows))
    for (let at = 0; at < vectors.length; at += dimensions)
      for (let i = 0; i < dimensions; i++) {
        const value = vectors[at + i] as number;
        if (value < (least[i] as number)) least[i] = value;
        if (value > (most[i] as number)) most[i] = value;
      }
  const trained = new Float32Array(2 * dimensions);
  trained.set(least);
  trained.set(
    most.map((value, i) => value - (least[i] as number)),
    dimensions,
  );
  return { scalar, trained, recordBytes };
}

/** The codes of vectors, row after row. */
export function encodeScalars(vectors: Float32Array, { scalar, trained }: ScalarCoding): Uint8Array {
  return scalar === 'SQ8' ? encodeBytes(vectors, trained) : encodeHalves(vectors);
}

function encodeBytes(vectors: Float32Array, trained: Float32Array): Uint8Array {
  const dimensions = trained.length / 2;
  const codes = new Uint8Array(vectors.length);
  for (let at = 0; at < vectors.length; at += dimensions)
    for (let i = 0; i < dimensions; i++) {
      const range = trained[dimensions + i] as number;
      const share = range === 0 ? 0 : ((vectors[at + i] as number) - (trained[i] as number)) / range;
      codes[at + i] = Math.trunc(255 * Math.min(1, Math.max(0, share)));
    }
  return codes;
}

/** Rounds to the nearest half, of two equally near ones to the even one. */
function encodeHalves(vectors: Float32Array): Uint8Array {
  const bits = new Uint32Array(vectors.buffer, vectors.byteOffset, vectors.length);
  const halves = new Uint16Array(vectors.length);
  for (let i = 0; i < bits.length; i++) {
    const whole = bits[i] as number;
    const sign = (whole >>> 16) & 0x8000;
    const magnitude = whole & 0x7fffffff;
    if (magnitude >= 0x477ff000)
      halves[i] = sign | 0x7c00; // beyond 65,504: no unit vector comes here
    else if (magnitude >= 0x38800000)
      halves[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
    else halves[i] = sign | roundEven(Math.abs(vectors[i] as number) * 2 ** 24); // subnormal: multiples of 2^-24
  }
  return new Uint8Array(halves.buffer);
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

let halves: Float32Array | undefined;

/** What each of the 65,536 half-precision patterns stands for. */
export function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >>> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return halves;
}
