import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isCoreError } from '../../core/errors.ts';
import { buildIndex } from '../../core/index/build-index.ts';
import { readFaissFile } from '../../core/index/format/faiss-read.ts';
import { parseRecipe } from '../../core/index/recipe.ts';
import { openSearcher } from '../../core/index/search/client.ts';
import { arrayVectors } from '../../core/index/vector-sources.ts';
import { randomNumbers } from '../fixtures/corpus.ts';
import { clusteredVectors } from '../fixtures/vectors.ts';

const DIMENSIONS = 8;
const ROWS = 400;
const MUTATIONS = 1000;
/** Of those that look whole: each is searched in a process of its own. */
const SEARCHED = 60;
const SEED = 31;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-mutations-'));
  const vectors = arrayVectors(clusteredVectors(ROWS, DIMENSIONS), DIMENSIONS, 100);
  const recipe = parseRecipe('IVF8_HNSW32,PQ2');
  for await (const _ of buildIndex({ vectors, folder, recipe, threads: 1 }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('of 1,000 index files with bytes changed or cut each is refused in one sentence or searched, and only the search process ever ends', async () => {
  const path = join(folder, 'index.faiss');
  const whole = await readFile(path);
  const random = randomNumbers(SEED);
  const looksWhole: Buffer[] = [];
  let refused = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    const mutated = Buffer.from(whole);
    // The first two thirds hit lengths and links more often than codes, which any bytes are valid for.
    const reach = i % 3 === 0 ? whole.length : Math.min(whole.length, 3000);
    for (let hit = 0; hit <= random(4); hit++) mutated[random(reach)] = random(256);
    await writeFile(path, i % 10 === 0 ? mutated.subarray(0, random(whole.length)) : mutated);
    try {
      await readFaissFile(path);
      if (i % 10 !== 0) looksWhole.push(mutated);
    } catch (error) {
      expect(isCoreError(error) ? error.message.split('\n') : error).toHaveLength(1);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(100);
  expect(looksWhole.length).toBeGreaterThan(SEARCHED);

  const queries = clusteredVectors(20, DIMENSIONS, { seed: 8 });
  const ends: string[] = [];
  for (let i = 0; i < SEARCHED; i++) {
    await writeFile(path, looksWhole[Math.floor((i * looksWhole.length) / SEARCHED)] as Buffer);
    const searcher = await openSearcher({ folder }).catch((error) => error.code as string);
    if (typeof searcher === 'string') {
      ends.push(searcher);
      continue;
    }
    const end = await searcher.search(queries, { k: 5, nprobe: 8, candidates: 50 }).then(
      () => 'answered',
      (error) => error.code as string,
    );
    ends.push(end);
    await writeFile(path, whole); // what a process that starts again finds
    if (end === 'worker-crashed')
      expect(await searcher.search(queries, { k: 5, nprobe: 8 })).toHaveLength(queries.length / DIMENSIONS);
    await searcher.close();
  }
  await writeFile(path, whole);
  const counted = Object.fromEntries(
    [...new Set(ends)].map((end) => [end, ends.filter((e) => e === end).length]),
  );
  console.log(`seed ${SEED}: ${refused} refused unread; of ${SEARCHED} that look whole:`, counted);
  for (const end of ends)
    expect(['answered', 'bad-input', 'incompatible', 'native', 'worker-crashed']).toContain(end);
});
