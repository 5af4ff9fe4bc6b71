/** Which chunks a lookup asks for, and how a file becomes cold: for the stores that are compared. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Chunks of one lookup. */
export const IDS = 100;

/** Ids spread over all rows, others for each turn. */
export function idsOf(turn: number, rows: number): number[] {
  return Array.from({ length: IDS }, (_, place) => ((turn * IDS + place) * 7_919_017) % rows);
}

/** Has the system drop a file's pages from memory (GNU dd asks for POSIX_FADV_DONTNEED). */
export async function forget(path: string): Promise<void> {
  await promisify(execFile)('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
}
