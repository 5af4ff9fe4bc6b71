/**
 * Finds the best rows for some terms without scoring every row that has one.
 *
 * Rows are grouped in windows, and each term has its highest impact in each. Windows are visited from the highest
 * possible score down, until none can reach the k-th best (the order of Mackenzie, Petri, Moffat, "Anytime Ranking on
 * Document-Ordered Indexes", 2021). In a window, terms that cannot reach it even together are only looked up for rows
 * that the others found (MaxScore: Turtle, Flood, "Query evaluation: strategies and optimizations", 1995). So the
 * result is exact unless the budget runs out; then it is the best of what was visited.
 */
import type { Scored } from '../../types.ts';
import { termWeight } from './bm25.ts';
import type { WordsFile } from './file.ts';
import { startTopK, type TopK } from './top-k.ts';

/** About this many bytes of postings are read at once: neighbouring windows are often visited together. */
const READ_BYTES = 1 << 16;
/** Most stretches of that length cached for each term of a question. */
const STRETCHES_KEPT = 256;

/** Bytes of postings that one question may read: a budget that does not grow with the corpus. */
export const POSTING_BYTES_A_QUESTION = 11_000_000;

export interface SearchStats {
  windows: number;
  visited: number;
  postingBytes: number;
}

/** One term's postings, by window. */
interface List {
  weight: number;
  /** Indices into the arrays below, by window; -1 if the window lacks the term. */
  slots: Int32Array;
  highest: Uint8Array;
  /** Where each window's postings begin, counted from `position`, and where the last ones end. */
  starts: Float64Array;
  position: number;
  /** What was read of the list, by number of the stretch. */
  stretches: Map<number, Stretch>;
}

/** Some bytes of a list, and where in it they begin. */
interface Stretch {
  start: number;
  bytes: Buffer;
}

/** The best `k` rows by BM25, best first, equal ones by row. */
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

  const best = startTopK(k);
  const scorer = startScorer(file, lists, best);
  let visited = 0;
  for (const window of order) {
    if ((bounds[window] as number) < best.threshold() || scorer.bytes() > budget) break;
    scorer.visit(window);
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

/** The stretch with the postings of one window; read if it is not cached. */
function stretchOf(file: WordsFile, { starts, position, stretches }: List, slot: number): Stretch {
  const number = Math.floor((starts[slot] as number) / READ_BYTES);
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
  return stretch;
}

/** A list in the current window, with the most that it can add there. */
interface Part {
  list: List;
  bound: number;
  slot: number;
}

/** Scores windows one after another, in arrays that are allocated once. */
function startScorer(file: WordsFile, lists: List[], best: TopK) {
  const size = 2 ** file.windowBits;
  const sums = new Int32Array(size);
  const touched = new Uint16Array(size);
  const all: Part[] = lists.map((list) => ({ list, bound: 0, slot: 0 }));
  const parts: Part[] = [];
  let bytes = 0;

  /** Sets `parts` to those that are in the window, by ascending bounds. */
  const choose = (window: number) => {
    parts.length = 0;
    for (const part of all) {
      part.slot = part.list.slots[window] as number;
      if (part.slot < 0) continue;
      part.bound = part.list.weight * (part.list.highest[part.slot] as number);
      let at = parts.length;
      for (; at > 0 && (parts[at - 1] as Part).bound > part.bound; at--) parts[at] = parts[at - 1] as Part;
      parts[at] = part;
    }
  };
  const postingsOf = ({ list, slot }: Part): Postings => {
    const { bytes: stretch, start } = stretchOf(file, list, slot);
    const [from, to] = [list.starts[slot] as number, list.starts[slot + 1] as number];
    bytes += to - from;
    return { bytes: stretch, from: from - start, to: to - start };
  };

  return {
    bytes: () => bytes,
    visit(window: number) {
      choose(window);
      // Parts that stay below the threshold even together cannot make a row good enough; they only add to others.
      let adding = 0;
      let rest = 0;
      while (adding < parts.length && rest + (parts[adding] as Part).bound < best.threshold()) {
        rest += (parts[adding] as Part).bound;
        adding += 1;
      }
      let count = 0;
      for (let at = parts.length - 1; at >= adding; at--) {
        const part = parts[at] as Part;
        count = add(postingsOf(part), part.list.weight, sums, touched, count);
      }
      let possible = count > 0;
      for (let at = adding - 1; at >= 0 && possible; at--) {
        const part = parts[at] as Part;
        possible = anyAbove(sums, touched, count, best.threshold() - rest);
        if (possible) add(postingsOf(part), part.list.weight, sums);
        rest -= part.bound;
      }
      const first = window * size;
      for (let index = 0; index < count; index++) {
        const row = touched[index] as number;
        const sum = sums[row] as number;
        sums[row] = 0;
        if (possible && sum >= best.threshold()) best.offer(first + row, sum);
      }
    },
  };
}

interface Postings {
  bytes: Buffer;
  from: number;
  to: number;
}

/**
 * Adds a term's impacts to the sums of its rows. Rows without a sum are noted in `touched`, after the first `noted`
 * ones; if `touched` is absent, they are skipped. Returns how many rows are noted.
 */
function add(
  { bytes, from, to }: Postings,
  weight: number,
  sums: Int32Array,
  touched?: Uint16Array,
  noted = 0,
): number {
  let count = noted;
  let row = -1;
  for (let at = from; at < to; ) {
    let gap = bytes[at++] as number;
    if (gap > 127) {
      const next = bytes[at++] as number;
      gap =
        next > 127
          ? (gap & 127) | ((next & 127) << 7) | ((bytes[at++] as number) << 14)
          : (gap & 127) | (next << 7);
    }
    row += gap + 1;
    const sum = sums[row] as number;
    const impact = bytes[at++] as number;
    if (sum === 0) {
      if (touched === undefined) continue;
      touched[count++] = row;
    }
    sums[row] = sum + weight * impact;
  }
  return count;
}

/** Whether any noted row has a sum of at least `least`. */
function anyAbove(sums: Int32Array, touched: Uint16Array, count: number, least: number): boolean {
  for (let index = 0; index < count; index++)
    if ((sums[touched[index] as number] as number) >= least) return true;
  return false;
}
