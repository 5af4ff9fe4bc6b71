/**
 * Seeded random numbers and choices. Knows nothing about vectors.
 */
import { createCipheriv, createHash } from 'node:crypto';

/** Uniform numbers in [0, 1), the same for the same seed on every machine. */
export type Random = () => number;

const KEYSTREAM_BYTES = 2 ** 14;

/** Random numbers from the AES-128-CTR keystream under the seed: 32 bits each. */
export function seededRandom(seed: number): Random {
  const key = createHash('sha256').update(`seed ${seed}`).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(KEYSTREAM_BYTES);
  let stream = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === stream.length) {
      stream = cipher.update(zeros);
      at = 0;
    }
    at += 4;
    return stream.readUInt32LE(at - 4) / 2 ** 32;
  };
}

/**
 * Asked once for each of `total` things in order, says which `wanted` of them to take; each choice is equally likely
 * (selection sampling: Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S).
 */
export function chooser(total: number, wanted: number, random: Random): () => boolean {
  let left = total;
  let needed = wanted;
  return () => {
    const take = random() * left < needed;
    left -= 1;
    if (take) needed -= 1;
    return take;
  };
}
