/**
 * The best k rows so far, by the sums of their terms. Knows rows and whole numbers; nothing about postings.
 */
import type { Scored } from '../../types.ts';
import { scoreOf } from './bm25.ts';

export interface TopK {
  /** The sum that a row must reach to be among the best. */
  threshold(): number;
  offer(row: number, sum: number): void;
  sorted(): Scored[];
}

/** The best `k` rows so far: a heap whose top is the worst of them. */
export function startTopK(k: number): TopK {
  const rows: number[] = [];
  const sums: number[] = [];
  const worse = (a: number, b: number) =>
    (sums[a] as number) < (sums[b] as number) ||
    (sums[a] === sums[b] && (rows[a] as number) > (rows[b] as number));
  const swap = (a: number, b: number) => {
    [rows[a], rows[b]] = [rows[b] as number, rows[a] as number];
    [sums[a], sums[b]] = [sums[b] as number, sums[a] as number];
  };
  return {
    threshold: () => (rows.length < k ? 1 : (sums[0] as number)),
    offer(row, sum) {
      if (rows.length < k) {
        let at = rows.push(row) - 1;
        sums.push(sum);
        for (let parent = (at - 1) >> 1; at > 0 && worse(at, parent); parent = (at - 1) >> 1) {
          swap(at, parent);
          at = parent;
        }
        return;
      }
      if (sum === sums[0] && row > (rows[0] as number)) return;
      rows[0] = row;
      sums[0] = sum;
      for (let at = 0; ; ) {
        let child = 2 * at + 1;
        if (child >= k) break;
        if (child + 1 < k && worse(child + 1, child)) child += 1;
        if (!worse(child, at)) break;
        swap(child, at);
        at = child;
      }
    },
    sorted: () =>
      rows
        .map((id, index) => ({ id, score: scoreOf(sums[index] as number) }))
        .sort((a, b) => b.score - a.score || a.id - b.id),
  };
}
