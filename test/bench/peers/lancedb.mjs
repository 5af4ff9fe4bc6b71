/**
 * LanceDB beside our index. `build` fills a table from a raw file of vectors, indexes it and prints one line of JSON; then it searches.
 * `search` does so in a fresh process: it answers lines that name a breadth with the ids and times of all queries, one at a time.
 * Run where its package is installed.
 */
import { open, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { connect, Index } from '@lancedb/lancedb';

const [mode, folder, queriesPath, dimensionsSaid, vectorsPath, partitions, parts] = process.argv.slice(2);
const dimensions = Number(dimensionsSaid);
const BLOCK_ROWS = 10_000;
const DEPTH = 10;
const tell = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
if (mode === 'build') await build();
await search();

async function build() {
  const began = performance.now();
  let table;
  for await (const block of tables()) {
    if (table === undefined) table = await (await connect(folder)).createTable('chunks', block);
    else await table.add(block);
  }
  const inserted = performance.now();
  const config = Index.ivfPq({
    numPartitions: Number(partitions),
    numSubVectors: Number(parts),
    distanceType: 'dot',
  });
  await table.createIndex('vector', { config });
  const ended = performance.now();
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  tell({
    insertSeconds: (inserted - began) / 1000,
    indexSeconds: (ended - inserted) / 1000,
    processorSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peak: maxRSS * 1024,
  });
}

/** The file's vectors as LanceDB takes rows. */
async function* tables() {
  const file = await open(vectorsPath);
  const rows = (await file.stat()).size / 4 / dimensions;
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const length = Math.min(BLOCK_ROWS, rows - first);
    const numbers = new Float32Array(length * dimensions);
    await file.read(new Uint8Array(numbers.buffer), 0, numbers.byteLength, first * dimensions * 4);
    yield Array.from({ length }, (_, i) => ({
      id: first + i,
      vector: Array.from(numbers.subarray(i * dimensions, (i + 1) * dimensions)),
    }));
  }
  await file.close();
}

async function search() {
  const queries = new Float32Array(Uint8Array.from(await readFile(queriesPath)).buffer);
  const table = await (await connect(folder)).openTable('chunks');
  for await (const line of createInterface({ input: process.stdin })) {
    const { nprobes, refine } = JSON.parse(line);
    const ids = [];
    const ms = [];
    for (let at = 0; at < queries.length; at += dimensions) {
      const asked = performance.now();
      const found = await table
        .query()
        .nearestTo(queries.slice(at, at + dimensions))
        .distanceType('dot')
        .nprobes(nprobes)
        .refineFactor(refine)
        .limit(DEPTH)
        .select(['id', '_distance'])
        .toArray();
      ms.push(performance.now() - asked);
      ids.push(found.map(({ id }) => id));
    }
    tell({ ids, ms });
  }
}
