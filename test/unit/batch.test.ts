import { describe, expect, it } from 'vitest';
import { cutBatches, type TokenBatch } from '../../core/embed/batch.ts';

/** Rows whose ids tell which row they belong to. */
function rowsOf(lengths: number[]): TokenBatch {
  return {
    ids: Int32Array.from(lengths.flatMap((length, row) => Array<number>(length).fill(row + 100))),
    lengths: Int32Array.from(lengths),
  };
}

describe('cutting a window into batches', () => {
  const lengths = [3, 40, 7, 40, 1, 12, 100, 8, 8, 8];
  const batches = cutBatches(rowsOf(lengths), 80, true);

  it('takes every row once, with its own tokens', () => {
    expect(batches.flatMap(({ rows }) => rows).sort((a, b) => a - b)).toEqual(lengths.map((_, row) => row));
    for (const { rows, tokens } of batches) {
      expect([...tokens.lengths]).toEqual(rows.map((row) => lengths[row]));
      expect([...tokens.ids]).toEqual(
        rows.flatMap((row) => Array<number>(lengths[row] as number).fill(row + 100)),
      );
    }
  });

  it('keeps rows times the longest within the budget, unless one row alone exceeds it', () => {
    for (const { rows, tokens } of batches)
      if (rows.length > 1) expect(rows.length * Math.max(...tokens.lengths)).toBeLessThanOrEqual(80);
    expect(batches[0]?.rows).toEqual([6]);
  });

  it('puts texts of like length together, the longest first', () => {
    const order = batches.flatMap(({ tokens }) => [...tokens.lengths]);
    expect(order).toEqual([...order].sort((a, b) => b - a));
    expect(batches[1]?.rows).toEqual([1, 3]);
  });

  it('makes batches of one text where padding would change the result', () => {
    const alone = cutBatches(rowsOf(lengths), 80, false);
    expect(alone.map(({ rows }) => rows.length)).toEqual(lengths.map(() => 1));
  });

  it('makes nothing of nothing', () => {
    expect(cutBatches(rowsOf([]), 80, true)).toEqual([]);
  });
});
