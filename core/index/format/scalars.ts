/**
 * FAISS's scalar quantizers, which store vectors for rescoring: `SQ8`, one byte per dimension between the least and the
 * largest value that the training sample has there, and `SQfp16`, half precision (IEEE 754 binary16).
 * Knows numbers; no file. Formulas: faiss/impl/ScalarQuantizer.cpp.
 */
import { halvesOf } from '../../half.ts';
import type { VectorSource } from '../vectors.ts';
import { SCALARS, type Scalar } from './faiss-format.ts';

export interface ScalarCoding {
  scalar: Scalar;
  /** `SQ8`: the least value of each dimension, then the range of each; `SQfp16`: empty. */
  trained: Float32Array;
  recordBytes: number;
}

/** Trains the coding of vectors on a sample of them. */
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
  return scalar === 'SQ8' ? encodeBytes(vectors, trained) : new Uint8Array(halvesOf(vectors).buffer);
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
