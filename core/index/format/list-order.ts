/**
 * Reorders records from row order into list order by an external counting sort: holds one batch of records at a time,
 * and writes each run of a list where it belongs. Within a list, rows stay in order.
 * Knows records of a fixed length; nothing about what they hold.
 */

import { writeAllSync } from '../../runtime/whole-file.ts';
import { bytesOf } from './faiss-format.ts';

/** One file that gets a record of each row. */
export interface Column {
  /** Open for writing. */
  file: number;
  recordBytes: number;
  /** Where in the file each list's first record lies. */
  starts: Float64Array;
}

/** Consecutive rows, and their records for each column. */
export interface Batch {
  /** The list of each row. */
  lists: Uint32Array;
  /** One run of records for each column. */
  records: Uint8Array[];
}

/** Gives a function that writes batches; call it with all rows in order. */
export function listOrder(nlist: number, columns: Column[]): (batch: Batch) => void {
  const filled = new Uint32Array(nlist);
  return ({ lists, records }) => {
    const { ends, places } = countingSort(lists, nlist);
    columns.forEach(({ file, recordBytes, starts }, column) => {
      const sorted = rearranged(records[column] as Uint8Array, places, recordBytes);
      let from = 0;
      ends.forEach((end, list) => {
        if (end === from) return;
        const at = (starts[list] as number) + (filled[list] as number) * recordBytes;
        writeAllSync(file, sorted.subarray(from * recordBytes, end * recordBytes), at);
        from = end;
      });
    });
    let from = 0;
    ends.forEach((end, list) => {
      filled[list] = (filled[list] as number) + end - from;
      from = end;
    });
  };
}

/** The place of each row in its sorted batch, and where each list ends. */
function countingSort(lists: Uint32Array, nlist: number): { ends: Uint32Array; places: Uint32Array } {
  const ends = new Uint32Array(nlist);
  for (const list of lists) ends[list] = (ends[list] as number) + 1;
  const next = new Uint32Array(nlist);
  let end = 0;
  for (let list = 0; list < nlist; list++) {
    next[list] = end;
    end += ends[list] as number;
    ends[list] = end;
  }
  const places = new Uint32Array(lists.length);
  lists.forEach((list, row) => {
    const to = next[list] as number;
    places[row] = to;
    next[list] = to + 1;
  });
  return { ends, places };
}

function rearranged(records: Uint8Array, places: Uint32Array, recordBytes: number): Uint8Array {
  const sorted = Buffer.allocUnsafe(records.length);
  places.forEach((to, row) => {
    sorted.set(records.subarray(row * recordBytes, (row + 1) * recordBytes), to * recordBytes);
  });
  return sorted;
}

/** How many records lie before each list's first. */
export function positionsBefore(sizes: Uint32Array): Float64Array {
  const before = new Float64Array(sizes.length);
  for (let list = 1; list < sizes.length; list++)
    before[list] = (before[list - 1] as number) + (sizes[list - 1] as number);
  return before;
}

/** Row numbers as records of four bytes. */
export function rowRecords(firstRow: number, count: number): Uint8Array {
  return bytesOf(Uint32Array.from({ length: count }, (_, i) => firstRow + i));
}
