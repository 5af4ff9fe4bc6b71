/**
 * The best rows for some terms, without scoring every row that has one.
 *
 * Rows lie in windows, and each term knows its highest impact in each. Windows are visited from the highest possible score
 * down, until none can reach the k-th best (the order of Mackenzie, Petri, Moffat, "Anytime Ranking on Document-Ordered
 * Indexes", 2021). Within a window the terms that alone cannot reach it are only looked up for rows found by the others
 * (MaxScore: Turtle, Flood, "Query evaluation: strategies and optimizations", 1995). So the result is exact unless the
 * budget ends first; then it is the best of what was visited.
 */
import type { Scored } from '../../types.ts';
import { scoreOf, termWeight } from './bm25.ts';
import type { WordsFile } from './file.ts';

/** Postings are read by about so much at once: windows that lie together are often visited together. */
const READ_BYTES = 1 << 16;
/** Stretches of that length that are kept for each term of a question. */
const STRETCHES_KEPT = 256;

/** Bytes of postings that one question may read: a budget that does not grow with the corpus. */
export const POSTING_BYTES_A_QUESTION = 8_000_000;

export interface SearchStats {
  windows: number;
  visited: number;
  postingBytes: number;
}

/** One term's postings, by window. */
interface List {
  weight: number;
  /** Indices into the arrays below by window; -1 where the window lacks the term. */
  slots: Int32Array;
  highest: Uint8Array;
  /** Where each window's postings begin behind `position`, and the end of the last. */
  starts: Float64Array;
  position: number;
  /** What was read, by the number of its stretch of the list, and where each begins. */
  stretches: Map<number, { start: number; bytes: Buffer }>;
}

/** The `k` best rows by BM25, best first, equal ones by row. */
export function searchWords(
  file: WordsFile,
  terms: string[],
  k: number,
  budget = POSTING_BYTES_A_QUESTION,
  stats?: SearchStats,
): Scored[] {
  if (k < 1) return [];
  const windows = Math.ceil(file.rows / 2 ** file.windowBits);
  const lists = [...new Set(terms)].flatMap((term) => openList(file, term, windows) ?? []);
  const bounds = new Float64Array(windows);
  for (const { slots, highest, weight } of lists)
    for (let window = 0; window < windows; window++) {
      const slot = slots[window] as number;
      if (slot >= 0) bounds[window] = (bounds[window] as number) + weight * (highest[slot] as number);
    }
  const order = Array.from({ length: windows }, (_, window) => window)
    .filter((window) => (bounds[window] as number) > 0)
    .sort((a, b) => (bounds[b] as number) - (bounds[a] as number) || a - b);

  const best = startBest(k);
  const scorer = startScorer(file, best);
  let visited = 0;
  for (const window of order) {
    if ((bounds[window] as number) < best.threshold() || scorer.bytes() > budget) break;
    scorer.visit(window, lists);
    visited += 1;
  }
  if (stats !== undefined)
    Object.assign(stats, { windows: order.length, visited, postingBytes: scorer.bytes() });
  return best.sorted();
}

function openList(file: WordsFile, term: string, windows: number): List | undefined {
  const place = file.find(term);
  if (place === undefined) return undefined;
  const { rows, position, postingBytes, directoryBytes } = place;
  const short = postingBytes <= READ_BYTES;
  const read = short
    ? file.read(position, postingBytes + directoryBytes)
    : file.read(position + postingBytes, directoryBytes);
  const directory = short ? read.subarray(postingBytes) : read;
  const slots = new Int32Array(windows).fill(-1);
  const highest = new Uint8Array(Math.min(windows, directoryBytes));
  const starts = new Float64Array(highest.length + 1);
  let at = 0;
  const number = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = directory[at++] ?? 0;
      value += (next & 127) * scale;
      if (next < 128) return value;
    }
  };
  let window = -1;
  let start = 0;
  let slot = 0;
  for (; at < directory.length && slot < highest.length; slot++) {
    window += number() + 1;
    slots[window] = slot;
    highest[slot] = directory[at++] as number;
    starts[slot] = start;
    start += number();
    starts[slot + 1] = start;
  }
  return {
    weight: termWeight(file.rows, rows),
    slots,
    highest,
    starts: starts.subarray(0, slot + 1),
    position,
    stretches: new Map(short ? [[0, { start: 0, bytes: read.subarray(0, postingBytes) }]] : []),
  };
}

/** The postings of one window, out of a stretch that is read the first time. */
function postingsOf(file: WordsFile, { starts, position, stretches }: List, slot: number): Buffer {
  const start = starts[slot] as number;
  const end = starts[slot + 1] as number;
  const number = Math.floor(start / READ_BYTES);
  let stretch = stretches.get(number);
  if (stretch === undefined) {
    let first = slot;
    while (first > 0 && (starts[first - 1] as number) >= number * READ_BYTES) first -= 1;
    let last = slot + 1;
    while (last < starts.length - 1 && (starts[last] as number) < (number + 1) * READ_BYTES) last += 1;
    const from = starts[first] as number;
    stretch = { start: from, bytes: file.read(position + from, (starts[last] as number) - from) };
    if (stretches.size === STRETCHES_KEPT) stretches.clear();
    stretches.set(number, stretch);
  }
  return stretch.bytes.subarray(start - stretch.start, end - stretch.start);
}

interface Part {
  bound: number;
  list: List;
  slot: number;
}

/** Scores windows one after the other, in arrays that are made once. */
function startScorer(file: WordsFile, best: Best) {
  const size = 2 ** file.windowBits;
  const sums = new Int32Array(size);
  const touched = new Uint16Array(size);
  let bytes = 0;

  const read = ({ list, slot }: Part): Buffer => {
    const postings = postingsOf(file, list, slot);
    bytes += postings.length;
    return postings;
  };

  return {
    bytes: () => bytes,
    visit(window: number, lists: List[]) {
      const parts: Part[] = [];
      for (const list of lists) {
        const slot = list.slots[window] as number;
        if (slot >= 0) parts.push({ bound: list.weight * (list.highest[slot] as number), list, slot });
      }
      parts.sort((a, b) => a.bound - b.bound);
      // The parts that together stay below the threshold cannot make a row good enough: they only add to others.
      let adding = 0;
      let rest = 0;
      while (adding < parts.length && rest + (parts[adding] as Part).bound < best.threshold()) {
        rest += (parts[adding] as Part).bound;
        adding += 1;
      }
      let count = 0;
      for (let part = parts.length - 1; part >= adding; part--)
        count = add(read(parts[part] as Part), (parts[part] as Part).list.weight, sums, touched, count);
      const all = count;
      for (let part = adding - 1; part >= 0 && count > 0; part--) {
        count = keepAbove(sums, touched, all, best.threshold() - rest) ? count : 0;
        if (count === 0) break;
        add(read(parts[part] as Part), (parts[part] as Part).list.weight, sums);
        rest -= (parts[part] as Part).bound;
      }
      const first = window * size;
      for (let index = 0; index < all; index++) {
        const row = touched[index] as number;
        const sum = sums[row] as number;
        sums[row] = 0;
        if (count > 0 && sum >= best.threshold()) best.offer(first + row, sum);
      }
    },
  };
}

/**
 * Adds a term's impacts to the sums of its rows, and notes rows that had none; without `touched`, to rows that have a sum only.
 * Gives the number of rows noted.
 */
function add(postings: Buffer, weight: number, sums: Int32Array, touched?: Uint16Array, noted = 0): number {
  let count = noted;
  let row = -1;
  const end = postings.length;
  for (let at = 0; at < end; ) {
    let gap = postings[at++] as number;
    if (gap > 127) {
      const next = postings[at++] as number;
      gap =
        next > 127
          ? (gap & 127) | ((next & 127) << 7) | ((postings[at++] as number) << 14)
          : (gap & 127) | (next << 7);
    }
    row += gap + 1;
    const sum = sums[row] as number;
    const impact = postings[at++] as number;
    if (sum === 0) {
      if (touched === undefined) continue;
      touched[count++] = row;
    }
    sums[row] = sum + weight * impact;
  }
  return count;
}

/** Whether any noted row has a sum of at least `least`. */
function keepAbove(sums: Int32Array, touched: Uint16Array, count: number, least: number): boolean {
  for (let index = 0; index < count; index++)
    if ((sums[touched[index] as number] as number) >= least) return true;
  return false;
}

interface Best {
  /** The sum that a row must reach to be among the best. */
  threshold(): number;
  offer(row: number, sum: number): void;
  sorted(): Scored[];
}

/** The best `k` rows so far: a heap whose top is the worst of them. */
function startBest(k: number): Best {
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
