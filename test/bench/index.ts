/**
 * How fast the index is made and searched: matrix products beside a plain loop, a whole build, one query at a time.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from '../../core/evaluate/bootstrap.ts';
import { buildIndex } from '../../core/index/build-index.ts';
import { parseRecipe } from '../../core/index/recipe.ts';
import { openSearcher, type Residency } from '../../core/index/search/client.ts';
import { openTrainer } from '../../core/index/train/trainer.ts';
import { arrayVectors } from '../../core/index/vector-sources.ts';
import { clusteredVectors } from '../fixtures/vectors.ts';
import type { Table } from './table.ts';

const ROWS = 100_000;
const DIMENSIONS = 384;
const NLIST = 1024;
const THREADS = 2;
const PLAIN_ROWS = 256;
const SEARCHES = 200;

export async function run(): Promise<Table[]> {
  const folder = await mkdtemp(join(tmpdir(), 'footnote-bench-'));
  try {
    const vectors = clusteredVectors(ROWS, DIMENSIONS, { clusters: 2000 });
    const kernel = await products(vectors);
    const builds = [
      await build(vectors, join(folder, 'exact'), 'Flat'),
      await build(vectors, join(folder, 'inverted'), `IVF${NLIST},Flat`),
    ];
    const searches = [await search(vectors, join(folder, 'exact'), 'auto', 1)];
    for (const nprobe of [1, 16, 64]) {
      searches.push(await search(vectors, join(folder, 'inverted'), 'mapped', nprobe));
      searches.push(await search(vectors, join(folder, 'inverted'), 'loaded', nprobe));
    }
    return [
      { name: `Index: nearest of ${NLIST} centroids`, rows: kernel },
      { name: `Index: building from ${ROWS} x ${DIMENSIONS}`, rows: builds },
      { name: 'Index: one query at a time', rows: searches },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function products(vectors: Float32Array) {
  const centroids = vectors.slice(0, NLIST * DIMENSIONS);
  const rate = (rows: number, ms: number) => Math.round((2 * rows * NLIST * DIMENSIONS) / ms / 1e4) / 100;
  const trainer = openTrainer({ threads: THREADS });
  try {
    const blocks = Array.from({ length: 6 }, (_, i) =>
      vectors.slice(i * 8192 * DIMENSIONS, (i + 1) * 8192 * DIMENSIONS),
    );
    const nearest = (points: Float32Array) =>
      trainer.nearest(points, centroids, { dimensions: DIMENSIONS, k: 1 });
    await nearest(centroids); // starts the process
    const started = performance.now();
    for (const block of blocks) await nearest(block);
    const kernelMs = performance.now() - started;
    const plainStarted = performance.now();
    nearestByLoop(vectors.subarray(0, PLAIN_ROWS * DIMENSIONS), centroids);
    const plainMs = performance.now() - plainStarted;
    return [
      { way: 'training process', gflops: rate(blocks.length * 8192, kernelMs) },
      { way: 'a loop', gflops: rate(PLAIN_ROWS, plainMs) },
    ];
  } finally {
    await trainer.close();
  }
}

function nearestByLoop(points: Float32Array, rows: Float32Array): Int32Array {
  const nearest = new Int32Array(points.length / DIMENSIONS);
  for (let point = 0; point < points.length; point += DIMENSIONS) {
    let best = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < rows.length; row += DIMENSIONS) {
      let score = 0;
      for (let i = 0; i < DIMENSIONS; i++) score += (points[point + i] ?? 0) * (rows[row + i] ?? 0);
      if (score <= best) continue;
      best = score;
      nearest[point / DIMENSIONS] = row / DIMENSIONS;
    }
  }
  return nearest;
}

async function build(vectors: Float32Array, folder: string, recipe: string) {
  const started = performance.now();
  const source = arrayVectors(vectors, DIMENSIONS, 1024);
  for await (const _ of buildIndex({
    vectors: source,
    folder,
    recipe: parseRecipe(recipe),
    threads: THREADS,
  }));
  return { recipe, seconds: Math.round((performance.now() - started) / 100) / 10 };
}

async function search(vectors: Float32Array, folder: string, residency: Residency, nprobe: number) {
  const searcher = await openSearcher({ folder, residency });
  try {
    const times: number[] = [];
    for (let i = 0; i < SEARCHES; i++) {
      const row = i * Math.floor(ROWS / SEARCHES);
      const query = vectors.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS);
      const started = performance.now();
      await searcher.search(query, { k: 10, nprobe });
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    const ms = (share: number) => Math.round(quantile(times, share) * 100) / 100;
    return { folder: folder.split('/').at(-1) ?? '', residency, nprobe, p50Ms: ms(0.5), p95Ms: ms(0.95) };
  } finally {
    await searcher.close();
  }
}
