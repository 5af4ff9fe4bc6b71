/**
 * `npm run bench`: every benchmark, or those named as arguments (`npm run bench -- store index`).
 * Prints Markdown, and keeps the same tables as JSON in bench.json of the data folder.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../../core/index.ts';
import { markdown, type Table } from './table.ts';

const BENCHMARKS: Record<string, () => Promise<{ run(): Promise<Table[]> }>> = {
  store: () => import('./store.ts'),
  'store-scale': () => import('./store-scale.ts'),
  words: () => import('./words.ts'),
  'words-scale': () => import('./words-scale.ts'),
  index: () => import('./index.ts'),
  'index-scale': () => import('./index-scale.ts'),
  retrieval: () => import('./retrieval.ts'),
  places: () => import('./places.ts'),
  embed: () => import('./embed.ts'),
  console: () => import('./console.ts'),
  rewriting: () => import('./rewriting.ts'),
  bots: () => import('./bots.ts'),
  'beside-build': () => import('./beside-build.ts'),
  citations: () => import('./citations.ts'),
  drafts: () => import('./drafts.ts'),
  support: () => import('./support.ts'),
  generate: () => import('./generate.ts'),
  abstention: () => import('./abstention.ts'),
  sentences: () => import('./sentences.ts'),
};

const asked = process.argv.slice(2).filter((name) => name in BENCHMARKS);
const tables: Table[] = [];
console.log(
  `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
);
for (const name of asked.length > 0 ? asked : Object.keys(BENCHMARKS)) {
  const { run } = await (BENCHMARKS[name] as (typeof BENCHMARKS)[string])();
  for (const table of await run()) {
    tables.push(table);
    console.log(markdown(table));
  }
}
const { settings } = readSettings();
mkdirSync(settings.data, { recursive: true });
writeFileSync(join(settings.data, 'bench.json'), `${JSON.stringify(tables, null, 2)}\n`);
process.exit(0);
