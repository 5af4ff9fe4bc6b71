/**
 * Writes the traffic rows that are shown as JSONL into the data folder. Knows the file's name; no row says who asked.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrafficRow } from '../../core/index.ts';

/** Returns the path of the file. */
export async function exportTraffic(data: string, rows: TrafficRow[]): Promise<string> {
  const stamp = new Date().toISOString().slice(0, 19).replace(/:/g, '-');
  const path = join(data, 'exports', `traffic-${stamp}.jsonl`);
  await mkdir(join(data, 'exports'), { recursive: true });
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}
