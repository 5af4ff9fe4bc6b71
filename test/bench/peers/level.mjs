/**
 * LevelDB (classic-level) beside our store: fills a folder with chunks, then looks 100 up at a time, cold and warm. Prints one line of
 * JSON. Its argument is JSON too: `folder`, `rows`, `characters`, how many lookups `cold` and `warm`, and the modules `chunks` and `lookups`.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';

const { folder, rows, characters, cold, warm, ...modules } = JSON.parse(process.argv[2]);
const { makeChunks } = await import(modules.chunks);
const { forget, idsOf } = await import(modules.lookups);
const BATCH = 1_000;
const keyOf = (id) => String(id).padStart(9, '0');
const options = { keyEncoding: 'utf8', valueEncoding: 'utf8' };
let database = new ClassicLevel(folder, options);
const began = performance.now();
for (let from = 0; from < rows; from += BATCH)
  await database.batch(
    makeChunks(from, Math.min(from + BATCH, rows), characters).map((chunk, i) => ({
      type: 'put',
      key: keyOf(from + i),
      value: JSON.stringify(chunk),
    })),
  );
const seconds = (performance.now() - began) / 1000;
const lookup = async (turn) => {
  const asked = performance.now();
  const found = await database.getMany(idsOf(turn, rows).map(keyOf));
  for (const value of found) JSON.parse(value);
  return performance.now() - asked;
};
const times = { cold: [], warm: [] };
for (let turn = 0; turn < cold; turn++) {
  await database.close();
  for (const name of await readdir(folder)) await forget(join(folder, name));
  database = new ClassicLevel(folder, options);
  await database.open();
  times.cold.push(await lookup(turn));
}
for (let turn = 0; turn < 2 * warm; turn++) {
  const ms = await lookup(cold + (turn % warm));
  if (turn >= warm) times.warm.push(ms); // the same ones once more
}
process.stdout.write(`${JSON.stringify({ seconds, ...times })}\n`);
