import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildIndex } from '../../core/index/build-index.ts';
import { parseRecipe } from '../../core/index/recipe.ts';
import { type IndexSearcher, openSearcher, type Residency } from '../../core/index/search/client.ts';
import { arrayVectors } from '../../core/index/vector-sources.ts';
import { clusteredVectors, nearestRows } from '../fixtures/vectors.ts';

const DIMENSIONS = 16;
const ROWS = 1200;
const NLIST = 24;
const vectors = clusteredVectors(ROWS, DIMENSIONS, { clusters: 40 });
const queries = clusteredVectors(35, DIMENSIONS, { clusters: 40, spread: 0.9 });
const query = (i: number) => queries.slice(i * DIMENSIONS, (i + 1) * DIMENSIONS);

let root: string;
const make = async (name: string, recipe: string) => {
  const folder = join(root, name);
  for await (const _ of buildIndex({
    vectors: arrayVectors(vectors, DIMENSIONS, 100),
    folder,
    recipe: parseRecipe(recipe),
    threads: 2,
  }));
  return folder;
};
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-searcher-'));
  await make('exact', 'Flat');
  await make('inverted', `IVF${NLIST},Flat`);
  await make('coded', `IVF${NLIST},PQ4,Refine(SQfp16)`);
  await make('graph', `IVF${NLIST}_HNSW32,PQ8,Refine(SQfp16)`);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const kinds: { name: string; folder: string; residency: Residency }[] = [
  { name: 'an exact index', folder: 'exact', residency: 'auto' },
  { name: 'an inverted index, mapped', folder: 'inverted', residency: 'mapped' },
  { name: 'an inverted index, loaded', folder: 'inverted', residency: 'loaded' },
  { name: 'an index of codes, mapped', folder: 'coded', residency: 'mapped' },
  { name: 'an index of codes, loaded', folder: 'coded', residency: 'loaded' },
  { name: 'an index of codes under a graph', folder: 'graph', residency: 'auto' },
];

describe.each(kinds)('the searcher over $name', ({ folder, residency }) => {
  let searcher: IndexSearcher;
  beforeAll(async () => {
    searcher = await openSearcher({ folder: join(root, folder), rows: ROWS, residency });
  });
  afterAll(() => searcher.close());
  const everything = { nprobe: NLIST, candidates: ROWS };

  test('says how many vectors there are', async () => {
    expect(await searcher.size()).toBe(ROWS);
  });

  test('finds the nearest rows, best first, one list a query', async () => {
    const found = await searcher.search(queries, { k: 5, ...everything });
    expect(found).toHaveLength(35);
    for (const [i, hits] of found.entries()) {
      expect(hits.map(({ id }) => id)).toEqual(nearestRows(query(i), vectors, 5));
      expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a));
    }
  });

  test('gives all there is where k is larger', async () => {
    const [hits = []] = await searcher.search(query(0), { k: ROWS + 50, ...everything });
    expect(new Set(hits.map(({ id }) => id)).size).toBe(ROWS);
  });

  test('takes no query, and an nprobe beyond the lists', async () => {
    expect(await searcher.search(new Float32Array(), { k: 3 })).toEqual([]);
    const [hits = []] = await searcher.search(query(0), { k: 3, nprobe: 1_000_000 });
    expect(hits.map(({ id }) => id)).toEqual(nearestRows(query(0), vectors, 3));
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses k = %s', async (k) => {
    await expect(searcher.search(query(0), { k })).rejects.toMatchObject({ code: 'usage' });
  });

  test.each([0, -2, 0.5])('refuses nprobe = %s', async (nprobe) => {
    await expect(searcher.search(query(0), { k: 1, nprobe })).rejects.toMatchObject({ code: 'usage' });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses a query with %s in it', async (value) => {
    await expect(searcher.search(query(0).fill(value, 3, 4), { k: 1 })).rejects.toMatchObject({
      code: 'bad-input',
    });
  });

  test('refuses a query of another dimension', async () => {
    await expect(searcher.search(new Float32Array(DIMENSIONS + 1), { k: 1 })).rejects.toMatchObject({
      code: 'bad-input',
      hint: expect.stringContaining('model'),
    });
  });

  test('a search whose process is killed fails by name, and the next one works in a new process', async () => {
    const { pid } = searcher.stats();
    const many = new Float32Array(20_000 * DIMENSIONS).fill(0.25);
    const running = searcher.search(many, { k: 10, ...everything });
    setTimeout(() => process.kill(pid as number, 'SIGKILL'), 5);
    await expect(running).rejects.toMatchObject({ code: 'worker-crashed', retryable: true });
    const [hits = []] = await searcher.search(query(1), { k: 5, ...everything });
    expect(hits.map(({ id }) => id)).toEqual(nearestRows(query(1), vectors, 5));
    expect(searcher.stats().pid).not.toBe(pid);
  });
});

describe('nprobe', () => {
  test('is chosen by each search, and mapped lists give what loaded ones give', async () => {
    const folder = join(root, 'inverted');
    const mapped = await openSearcher({ folder, residency: 'mapped' });
    const loaded = await openSearcher({ folder, residency: 'loaded' });
    try {
      const found = new Set<string>();
      for (const nprobe of [1, 2, 3, 6, 12, NLIST, 1]) {
        const ofMapped = await mapped.search(queries, { k: 10, nprobe });
        expect(ofMapped).toEqual(await loaded.search(queries, { k: 10, nprobe }));
        found.add(JSON.stringify(ofMapped));
      }
      expect(found.size).toBeGreaterThanOrEqual(4);
      const byDefault = await mapped.search(queries, { k: 10 });
      expect(byDefault).toEqual(await mapped.search(queries, { k: 10, nprobe: 8 }));
    } finally {
      await Promise.all([mapped.close(), loaded.close()]);
    }
  });

  test('of one leaves out what lies in other lists, without padding', async () => {
    const searcher = await openSearcher({ folder: join(root, 'inverted') });
    try {
      const [hits = []] = await searcher.search(query(0), { k: ROWS, nprobe: 1 });
      expect(hits.length).toBeGreaterThan(0);
      expect(hits.length).toBeLessThan(ROWS);
      expect(hits.every(({ id }) => id >= 0 && id < ROWS)).toBe(true);
    } finally {
      await searcher.close();
    }
  });
});

describe('opening', () => {
  test('a folder without an index is refused', async () => {
    await expect(openSearcher({ folder: join(root, 'absent') })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('an index of another number of vectors is refused', async () => {
    await expect(openSearcher({ folder: join(root, 'exact'), rows: 7 })).rejects.toMatchObject({
      code: 'bad-input',
    });
  });

  test('an index that was cut short is refused before it is mapped', async () => {
    const folder = await make('cut', `IVF${NLIST},Flat`);
    await truncate(join(folder, 'index.faiss'), 50_000);
    await expect(openSearcher({ folder })).rejects.toMatchObject({ code: 'bad-input' });
  });

  test('a rows file of another length is refused', async () => {
    const folder = await make('rows', `IVF${NLIST},Flat`);
    await truncate(join(folder, 'rows.u32'), ROWS * 4 - 4);
    await expect(openSearcher({ folder })).rejects.toMatchObject({ code: 'bad-input' });
  });

  test('text in place of an index is refused', async () => {
    const folder = await make('text', 'Flat');
    await writeFile(join(folder, 'index.faiss'), 'this is no index'.repeat(100));
    await expect(openSearcher({ folder })).rejects.toMatchObject({ code: 'bad-input' });
  });
});
