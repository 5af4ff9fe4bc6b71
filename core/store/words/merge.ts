/**
 * Merges runs into one word index, with one buffer for each run, however many rows there are.
 * Knows the two file forms; nothing about texts.
 */
import { rmSync } from 'node:fs';
import { impactTable } from './bm25.ts';
import { type ByteReader, type ByteWriter, readBytes, writeBytes } from './bytes.ts';
import { encodeHeader, HEADER_BYTES, WINDOW_BITS } from './file.ts';

const RUN_BUFFER_BYTES = 1 << 17;
const COPY_BYTES = 1 << 20;
/** A page of the dictionary, which is what one look-up reads. */
const PAGE_BYTES = 4_096;

interface OpenRun {
  reader: ByteReader;
  /** Its place among the runs: the order of rows. */
  order: number;
  term: string;
}

/**
 * Writes the index at `path` from the runs, in the order of their rows. Yields now and then how many terms are done.
 */
export function* mergeRuns(
  runs: string[],
  rows: number,
  path: string,
  windowBits = WINDOW_BITS,
): Generator<number, void> {
  const readers = runs.map((run) => readBytes(run, RUN_BUFFER_BYTES));
  const dictionaryPath = `${path}.dictionary`;
  const out = writeBytes(path);
  const pages = startDictionary(dictionaryPath);
  try {
    const allTerms = readers.reduce((sum, reader) => sum + reader.number(), 0);
    const impacts = impactTable(Math.max(1, allTerms / Math.max(1, rows)));
    out.bytes(new Uint8Array(HEADER_BYTES));
    const queue = startQueue();
    readers.forEach((reader, order) => {
      if (!reader.ended) queue.push({ reader, order, term: reader.term() });
    });
    let done = 0;
    for (let first = queue.top(); first !== undefined; first = queue.top()) {
      const { term } = first;
      const position = out.position;
      const list = startList(out, impacts, 2 ** windowBits);
      let found = 0;
      for (let run: OpenRun | undefined = first; run?.term === term; run = queue.top()) {
        found += run.reader.number();
        list.take(run.reader.bytes(run.reader.number()));
        if (run.reader.ended) queue.pop();
        else {
          run.term = run.reader.term();
          queue.settle();
        }
      }
      const postingBytes = list.end() - position;
      pages.add(term, { position, rows: found, postingBytes, directoryBytes: out.position - list.end() });
      done += 1;
      if (done % 10_000 === 0) yield done;
    }
    const dictionary = out.position;
    const pageList = dictionary + pages.finish();
    copy(dictionaryPath, out);
    pages.list(out);
    out.finish(encodeHeader({ rows, windowBits, dictionary, pageList, bytes: out.position }));
  } finally {
    out.abandon();
    pages.abandon();
    for (const reader of readers) reader.close();
    rmSync(dictionaryPath, { force: true });
  }
}

/** Writes the postings of one term, window by window, and then their directory. */
function startList(out: ByteWriter, impacts: Uint8Array, windowRows: number) {
  const windows: number[] = [];
  const highest: number[] = [];
  const sizes: number[] = [];
  let row = 0;
  let window = -1;
  let windowEnd = 0;
  let before = 0;
  let high = 0;
  let began = out.position;

  const endWindow = () => {
    if (window < 0) return;
    windows.push(window);
    highest.push(high);
    sizes.push(out.position - began);
  };
  let ended: number | undefined;

  return {
    /** Takes the postings of the next run. */
    take(postings: Uint8Array) {
      let first = true;
      for (let at = 0; at < postings.length; ) {
        let gap = 0;
        for (let scale = 1; ; scale *= 128) {
          const next = postings[at++] as number;
          gap += (next & 127) * scale;
          if (next < 128) break;
        }
        row = first ? gap : row + gap; // a run counts from row 0
        first = false;
        const impact = impacts[((postings[at] as number) << 8) | (postings[at + 1] as number)] as number;
        at += 2;
        if (row >= windowEnd) {
          endWindow();
          window = Math.floor(row / windowRows);
          windowEnd = (window + 1) * windowRows;
          before = window * windowRows - 1;
          high = 0;
          began = out.position;
        }
        out.number(row - before - 1);
        out.byte(impact);
        before = row;
        if (impact > high) high = impact;
      }
    },
    /** Writes the directory, once; returns the position where the postings end. */
    end(): number {
      if (ended !== undefined) return ended;
      endWindow();
      ended = out.position;
      let previous = -1;
      windows.forEach((at, index) => {
        out.number(at - previous - 1);
        out.byte(highest[index] as number);
        out.number(sizes[index] as number);
        previous = at;
      });
      return ended;
    },
  };
}

/** The dictionary's pages, written to another file until the postings end. */
function startDictionary(path: string) {
  const out = writeBytes(path);
  const firstTerms: string[] = [];
  const starts: number[] = [];
  let end = 0;
  return {
    add(
      term: string,
      place: { position: number; rows: number; postingBytes: number; directoryBytes: number },
    ) {
      const start = starts.at(-1);
      if (start === undefined || out.position - start >= PAGE_BYTES) {
        firstTerms.push(term);
        starts.push(out.position);
        out.number(place.position);
      }
      out.term(term);
      out.number(place.rows);
      out.number(place.postingBytes);
      out.number(place.directoryBytes);
    },
    /** Ends the pages; returns their number of bytes. */
    finish(): number {
      end = out.position;
      out.finish();
      return end;
    },
    list(target: ByteWriter) {
      firstTerms.forEach((term, page) => {
        target.term(term);
        target.number((starts[page + 1] ?? end) - (starts[page] as number));
      });
    },
    abandon: () => out.abandon(),
  };
}

function copy(path: string, out: ByteWriter): void {
  const reader = readBytes(path, COPY_BYTES);
  try {
    while (!reader.ended) out.bytes(reader.some());
  } finally {
    reader.close();
  }
}

/** A binary heap of runs, ordered by their next term, then by their rows. */
function startQueue() {
  const heap: OpenRun[] = [];
  const before = (a: OpenRun, b: OpenRun) => a.term < b.term || (a.term === b.term && a.order < b.order);
  const sink = () => {
    const moved = heap[0];
    if (moved === undefined) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as OpenRun, heap[child] as OpenRun)) child += 1;
      if (!before(heap[child] as OpenRun, moved)) break;
      heap[at] = heap[child] as OpenRun;
      at = child;
    }
    heap[at] = moved;
  };
  return {
    top: () => heap[0],
    push(run: OpenRun) {
      let at = heap.push(run) - 1;
      for (
        let parent = (at - 1) >> 1;
        at > 0 && before(run, heap[parent] as OpenRun);
        parent = (at - 1) >> 1
      ) {
        heap[at] = heap[parent] as OpenRun;
        at = parent;
      }
      heap[at] = run;
    },
    pop() {
      const last = heap.pop();
      if (heap.length === 0 || last === undefined) return;
      heap[0] = last;
      sink();
    },
    /** Moves the top to its place after its term has changed. */
    settle: sink,
  };
}
