/**
 * What a term in a passage is worth: BM25 over weighted fields, in whole numbers.
 * The formula is from Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009): the
 * fields' frequencies are weighted and added before they saturate. k1 and b are those of SQLite's bm25().
 */

/** One half was the best weight for the section (1,302 questions over 38,145 chunks). */
export const FIELD_WEIGHTS = { title: 2, section: 0.5, text: 1 };

const K1 = 1.2;
const B = 0.75;
/** A weighted frequency is stored in a byte, in eighths: past 31 it has long saturated. */
const FREQUENCY_STEPS = 8;
/** A length is stored in a byte, in pairs of terms. */
const LENGTH_STEP = 2;
const BYTE = 255;
/** Steps of a term's weight, coarse enough that sums of 64 terms stay below 2³¹. */
const WEIGHT_STEPS = 1024;

/** A field's weight in the units of {@link frequencyCode}. */
export const frequencySteps = (weight: number): number => Math.round(weight * FREQUENCY_STEPS);

export const frequencyCode = (steps: number): number => Math.min(BYTE, steps);

export const lengthCode = (terms: number): number => Math.min(BYTE, Math.round(terms / LENGTH_STEP));

/**
 * The impact (1..255, 255 for an infinite frequency) by frequency code and length code, at `frequency << 8 | length`.
 * @param averageLength terms of a passage, title and section included
 */
export function impactTable(averageLength: number): Uint8Array {
  const table = new Uint8Array(1 << 16);
  for (let frequency = 0; frequency <= BYTE; frequency++)
    for (let length = 0; length <= BYTE; length++) {
      const times = frequency / FREQUENCY_STEPS;
      const norm = K1 * (1 - B + (B * length * LENGTH_STEP) / averageLength);
      table[(frequency << 8) | length] = Math.max(1, Math.round((BYTE * times) / (times + norm)));
    }
  return table;
}

/** The weight of one step of impact, for a term that `found` of `rows` passages contain. */
export function termWeight(rows: number, found: number): number {
  const rarity = Math.log(1 + (rows - found + 0.5) / (found + 0.5));
  return Math.max(1, Math.round(rarity * WEIGHT_STEPS));
}

/** A sum of weights times impacts as a BM25 score. */
export const scoreOf = (sum: number): number => (sum * (K1 + 1)) / (BYTE * WEIGHT_STEPS);
