/**
 * How tokenised texts are cut into batches. Knows lengths only; no text, model or process.
 */

/** Token ids of some texts, one after the other. */
export interface TokenBatch {
  ids: Int32Array;
  /** Tokens of each text. */
  lengths: Int32Array;
}

/** One run of the model: which rows of the window it takes. */
export interface Batch {
  rows: number[];
  tokens: TokenBatch;
}

/**
 * Cuts a window into batches of at most `budget` tokens, padding included, over rows sorted by length, longest first:
 * equal lengths share a batch, and the last batches are the short ones, so that processes end together.
 * With `padding: false` every batch holds one text, for models whose result depends on what else is in the batch.
 */
export function cutBatches(window: TokenBatch, budget: number, padding: boolean): Batch[] {
  const starts: number[] = [];
  let end = 0;
  for (const length of window.lengths) {
    starts.push(end);
    end += length;
  }
  const lengthOf = (row: number) => window.lengths[row] as number;
  const order = starts.map((_, row) => row).sort((a, b) => lengthOf(b) - lengthOf(a) || a - b);
  const batches: Batch[] = [];
  for (let from = 0; from < order.length; ) {
    const longest = Math.max(1, lengthOf(order[from] as number));
    const rows = order.slice(from, from + (padding ? Math.max(1, Math.floor(budget / longest)) : 1));
    from += rows.length;
    const lengths = Int32Array.from(rows, lengthOf);
    const ids = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    for (const row of rows) {
      const start = starts[row] as number;
      ids.set(window.ids.subarray(start, start + lengthOf(row)), at);
      at += lengthOf(row);
    }
    batches.push({ rows, tokens: { ids, lengths } });
  }
  return batches;
}
