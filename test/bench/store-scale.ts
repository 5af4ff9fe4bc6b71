/**
 * Looking up chunks by id in a store of millions, cold and warm, beside LevelDB with the same chunks, as JSON:
 * `npm run bench -- store-scale`, or with another number of chunks, `npm run bench -- store-scale 1000000`.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from '../../core/evaluate/bootstrap.ts';
import { openChunkReader } from '../../core/store/client.ts';
import { forget, IDS, idsOf, writeChunks } from './lookups.ts';
import { runLevel } from './scale-peers.ts';
import type { Table } from './table.ts';

const ROWS = 5_000_000;
const CHARACTERS = 430;
const LOOKUPS = { cold: 20, warm: 200 };

export async function run(args = process.argv.slice(2)): Promise<Table[]> {
  const rows = args.filter((word) => /^\d+$/.test(word)).map(Number)[0] ?? ROWS;
  const folder = await mkdtemp(join(tmpdir(), 'footnote-bench-'));
  try {
    const ours = await measureStore(join(folder, 'chunks.sqlite'), rows);
    const level = await runLevel(join(folder, 'level'), { rows, characters: CHARACTERS, ...LOOKUPS }).then(
      ({ seconds, cold, warm }) => row('LevelDB (classic-level)', rows, seconds, cold, warm),
      (error: Error) => ({ who: `LevelDB left out: ${error.message}` }),
    );
    const name = `${IDS} of ${rows.toLocaleString('en-US')} chunks by id`;
    return [{ name, rows: [ours, level] }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureStore(path: string, rows: number): Promise<Table['rows'][number]> {
  const began = performance.now();
  await writeChunks(path, rows, CHARACTERS);
  const seconds = (performance.now() - began) / 1_000;
  console.error(`${rows} chunks, ${(await stat(path)).size} bytes, written in ${seconds.toFixed(0)} s`);

  const [cold, warm]: [number[], number[]] = [[], []];
  const lookup = async (reader: Awaited<ReturnType<typeof openChunkReader>>, turn: number) => {
    const asked = performance.now();
    await reader.get(idsOf(turn, rows));
    return performance.now() - asked;
  };
  for (let turn = 0; turn < LOOKUPS.cold; turn += 1) {
    const reader = await openChunkReader({ path, tokenizer: 'porter' });
    await forget(path);
    cold.push(await lookup(reader, turn));
    await reader.close();
  }
  const reader = await openChunkReader({ path, tokenizer: 'porter' });
  for (let turn = 0; turn < 2 * LOOKUPS.warm; turn += 1) {
    const ms = await lookup(reader, LOOKUPS.cold + (turn % LOOKUPS.warm));
    if (turn >= LOOKUPS.warm) warm.push(ms); // the same ones once more
  }
  await reader.close();
  return row('chunk store, in its process', rows, seconds, cold, warm);
}

function row(who: string, rows: number, seconds: number, cold: number[], warm: number[]) {
  const ms = (times: number[], share: number) =>
    quantile(
      times.sort((a, b) => a - b),
      share,
    ).toFixed(2);
  return {
    who,
    'rows/s written': Math.round(rows / seconds),
    'warm p50 ms': ms(warm, 0.5),
    'warm p95 ms': ms(warm, 0.95),
    'cold p50 ms': ms(cold, 0.5),
    'cold p95 ms': ms(cold, 0.95),
  };
}
