/**
 * One run of the external sort: the postings of a range of rows, collected in memory and written in the order of terms.
 * Knows chunks as texts and the run's file; nothing about other runs.
 *
 * A run file: terms in all its rows (number), then for each term in order: the term, how many rows have it, bytes of
 * its postings (numbers), and for each row: row - previous row (number), frequency code, length code (a byte each).
 */
import type { NewChunk } from '../../types.ts';
import { FIELD_WEIGHTS, frequencyCode, frequencySteps, lengthCode } from './bm25.ts';
import { writeBytes } from './bytes.ts';

export type Indexed = Pick<NewChunk, 'title' | 'section' | 'text'>;

export interface Run {
  /** Takes the chunk of the next row. */
  add(chunk: Indexed): void;
  /** Rows taken so far. */
  readonly rows: number;
  /** True if it should be written before another chunk is added. */
  readonly full: boolean;
  write(path: string): void;
}

const STEPS = {
  title: frequencySteps(FIELD_WEIGHTS.title),
  section: frequencySteps(FIELD_WEIGHTS.section),
  text: frequencySteps(FIELD_WEIGHTS.text),
};
/** Most different words of one chunk; more would exceed any model's window, and are ignored. */
const MOST_OF_A_CHUNK = 1 << 16;

/**
 * A run that begins at `firstRow`.
 * @param capacity postings held; 14 bytes each
 */
export function startRun(firstRow: number, termsOf: (text: string) => string[], capacity: number): Run {
  const room = capacity + MOST_OF_A_CHUNK;
  const ids = new Map<string, number>();
  const found: number[] = []; // rows of each term
  const latest: number[] = []; // its latest posting
  const terms = new Uint32Array(room);
  const rowOf = new Uint32Array(room);
  const frequencies = new Uint16Array(room);
  const lengths: number[] = [];
  let postings = 0;
  let rows = 0;
  let allTerms = 0;

  const take = (text: string, steps: number, chunkStart: number): number => {
    const words = termsOf(text);
    for (const word of words) {
      let id = ids.get(word);
      if (id === undefined) {
        id = found.length;
        ids.set(word, id);
        found.push(0);
        latest.push(-1);
      }
      let posting = latest[id] as number;
      if (posting < chunkStart) {
        if (postings - chunkStart === MOST_OF_A_CHUNK) continue;
        posting = postings++;
        latest[id] = posting;
        found[id] = (found[id] as number) + 1;
        terms[posting] = id;
        rowOf[posting] = rows;
      }
      frequencies[posting] = Math.min((frequencies[posting] as number) + steps, 0xff_ff);
    }
    return words.length;
  };

  const sorted = () => {
    const names = [...ids.keys()].sort(byCodeUnits);
    const ends = new Uint32Array(names.length);
    let sum = 0;
    const starts = names.map((name) => {
      const id = ids.get(name) as number;
      const start = sum;
      sum += found[id] as number;
      ends[id] = start;
      return start;
    });
    const order = new Uint32Array(postings);
    for (let posting = 0; posting < postings; posting++) {
      const id = terms[posting] as number;
      order[ends[id] as number] = posting;
      ends[id] = (ends[id] as number) + 1;
    }
    return { names, starts, order };
  };

  return {
    get rows() {
      return rows;
    },
    get full() {
      return postings >= capacity;
    },
    add({ title, section, text }) {
      const start = postings;
      const length =
        take(title, STEPS.title, start) +
        take(section.join(' '), STEPS.section, start) +
        take(text, STEPS.text, start);
      allTerms += length;
      lengths.push(lengthCode(length));
      rows += 1;
    },
    write(path) {
      const { names, starts, order } = sorted();
      const out = writeBytes(path);
      try {
        out.number(allTerms);
        let encoded = Buffer.allocUnsafe(1 << 16);
        names.forEach((name, index) => {
          const start = starts[index] as number;
          const end = starts[index + 1] ?? postings;
          const most = (end - start) * 7;
          if (encoded.length < most) encoded = Buffer.allocUnsafe(2 * most);
          let at = 0;
          let before = 0;
          for (let place = start; place < end; place++) {
            const posting = order[place] as number;
            const row = rowOf[posting] as number;
            let gap = firstRow + row - before;
            before = firstRow + row;
            for (; gap >= 128; gap = Math.floor(gap / 128)) encoded[at++] = (gap % 128) | 128;
            encoded[at++] = gap;
            encoded[at++] = frequencyCode(frequencies[posting] as number);
            encoded[at++] = lengths[row] as number;
          }
          out.term(name);
          out.number(end - start);
          out.number(at);
          if (at > 4_096) out.bytes(encoded.subarray(0, at));
          else for (let place = 0; place < at; place++) out.byte(encoded[place] as number);
        });
        out.finish();
      } finally {
        out.abandon();
      }
    },
  };
}

/** The order of terms in every file, which is that of `<`. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
