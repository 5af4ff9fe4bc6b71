import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isCoreError } from '../../core/errors.ts';
import { bytesOf, encodeFlatHead, encodeIvfHead } from '../../core/index/format/faiss-format.ts';
import { readFaissFile } from '../../core/index/format/faiss-read.ts';
import { writeInvertedFile } from '../../core/index/format/inverted-file.ts';
import { mappedView } from '../../core/index/search/view.ts';
import { arrayVectors } from '../../core/index/vector-sources.ts';
import { SHARED } from '../fixtures/shared-data.ts';
import { clusteredVectors, readVecs } from '../fixtures/vectors.ts';

const PARITY = join(SHARED, 'faiss-1.7.3');
const parity = existsSync(PARITY);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-faiss-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes an inverted file of `vectors` whose row r is in list `lists[r]`. */
async function write(
  name: string,
  vectors: Float32Array,
  dimensions: number,
  lists: number[],
  nlist: number,
  batchBytes?: number,
) {
  const sizes = new Uint32Array(nlist);
  for (const list of lists) sizes[list] = (sizes[list] ?? 0) + 1;
  const listsPath = join(folder, `${name}.lists`);
  await writeFile(listsPath, bytesOf(Uint32Array.from(lists)));
  const [path, rowsPath] = [join(folder, `${name}.faiss`), join(folder, `${name}.rows`)];
  const made = {
    vectors: arrayVectors(vectors, dimensions, 7),
    lists: listsPath,
    sizes,
    centroids: clusteredVectors(nlist, dimensions, { seed: 3 }),
    nprobe: 2,
    path,
    rowsPath,
    vectorsPath: join(folder, `${name}.vectors`),
    ...(batchBytes !== undefined && { batchBytes }),
  };
  const progress: number[] = [];
  for await (const done of writeInvertedFile(made)) progress.push(done);
  const rows = new Uint32Array(Uint8Array.from(await readFile(rowsPath)).buffer);
  return { path, rows: [...rows], progress };
}

describe('an inverted file', () => {
  const vectors = clusteredVectors(50, 4);
  const lists = Array.from({ length: 50 }, (_, row) => (row * row) % 5);

  test('keeps each vector at the position that the rows file names, list after list', async () => {
    const { path, rows } = await write('whole', vectors, 4, lists, 5);
    expect(rows).toEqual(
      [0, 1, 2, 3, 4].flatMap((list) => lists.flatMap((l, row) => (l === list ? [row] : []))),
    );
    const file = await readFaissFile(path);
    expect(file).toMatchObject({ fourcc: 'IwFl', rows: 50, dimensions: 4, ivf: { nlist: 5, nprobe: 2 } });
    const content = await readFile(path);
    let position = 0;
    file.lists?.sizes.forEach((size, list) => {
      const at = file.lists?.offsets[list] ?? 0;
      for (let i = 0; i < size; i++, position++) {
        const row = rows[position] ?? 0;
        expect(content.subarray(at + i * 16, at + (i + 1) * 16)).toEqual(
          bytesOf(vectors.subarray(row * 4, row * 4 + 4)),
        );
        expect(content.readBigInt64LE(at + size * 16 + i * 8)).toBe(BigInt(position));
      }
    });
    expect(position).toBe(50);
  });

  test('has the same bytes however small the batches are', async () => {
    const whole = await write('one-batch', vectors, 4, lists, 5);
    const small = await write('batches', vectors, 4, lists, 5, 100);
    expect(small.progress.length).toBeGreaterThan(5);
    expect(small.rows).toEqual(whole.rows);
    expect(await readFile(small.path)).toEqual(await readFile(whole.path));
  });

  test('that is mostly empty lists reads back with the same sizes', async () => {
    const { path } = await write(
      'sparse',
      vectors,
      4,
      lists.map((list) => list * 10),
      60,
    );
    expect((await readFile(path)).includes('sprs')).toBe(true);
    const sizes = (await readFaissFile(path)).lists?.sizes ?? [];
    expect([...sizes].flatMap((size, list) => (size > 0 ? [list] : []))).toEqual([0, 10, 40]);
  });

  test('that was cancelled leaves no file under its own name', async () => {
    const path = join(folder, 'cancelled.faiss');
    const listsPath = join(folder, 'cancelled.lists');
    await writeFile(listsPath, bytesOf(Uint32Array.from(lists)));
    const run = writeInvertedFile({
      vectors: arrayVectors(vectors, 4, 100),
      lists: listsPath,
      sizes: Uint32Array.of(50),
      centroids: new Float32Array(4),
      nprobe: 1,
      path,
      rowsPath: `${path}.rows`,
      vectorsPath: `${path}.vectors`,
      signal: AbortSignal.abort(),
    });
    await expect(run.next()).rejects.toMatchObject({ code: 'cancelled' });
    expect(existsSync(path) || existsSync(`${path}.rows`)).toBe(false);
  });
});

describe('an index of very many lists', () => {
  test.each(['full', 'sprs'])('has a head that names the size of each: %s', (kind) => {
    const nlist = 262_144;
    const sizes = new Uint32Array(nlist).map((_, list) => (kind === 'full' || list % 4 === 0 ? list % 7 : 0));
    const rows = sizes.reduce((sum, size) => sum + size, 0);
    const head = encodeIvfHead({ rows, dimensions: 1, nprobe: 1, centroids: new Float32Array(nlist), sizes });
    const at = head.lastIndexOf(kind);
    const used = sizes.filter((size) => size > 0).length;
    expect(Number(head.readBigUInt64LE(at + 4))).toBe(kind === 'full' ? nlist : 2 * used);
    expect(head.length).toBe(at + 12 + 8 * (kind === 'full' ? nlist : 2 * used));
  });
});

describe('reading a file that is no whole index', () => {
  const flat = Buffer.concat([encodeFlatHead(6, 4), bytesOf(clusteredVectors(6, 4))]);
  const attempt = async (content: Uint8Array) => {
    const path = join(folder, 'broken.faiss');
    await writeFile(path, content);
    return readFaissFile(path).then(
      () => 'read',
      (error) => (isCoreError(error) ? error.code : error),
    );
  };

  test('an exact file and an inverted one are refused at every length but their own', async () => {
    const { path } = await write(
      'to-cut',
      clusteredVectors(12, 4),
      4,
      [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2],
      3,
    );
    for (const whole of [flat, await readFile(path)]) {
      expect(await attempt(whole)).toBe('read');
      expect(await attempt(Buffer.concat([whole, Buffer.of(0)]))).toBe('bad-input');
      for (let length = 0; length < whole.length; length += 3)
        expect(await attempt(whole.subarray(0, length))).toBe('bad-input');
    }
  });

  test('any single byte of the structure that matters, set to 255, is refused', async () => {
    const { path } = await write(
      'to-break',
      clusteredVectors(12, 4),
      4,
      [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2],
      3,
    );
    const whole = await readFile(path);
    const { lists } = await readFaissFile(path);
    const end = lists?.offsets[0] ?? 0;
    const centroids = { from: 98, to: 98 + 3 * 4 * 4 };
    const nprobe = { from: 45, to: 53 };
    const reserved = (at: number) => (at >= 16 && at < 32) || (at >= 53 + 16 && at < 53 + 32);
    for (let at = 0; at < end; at++) {
      if (
        reserved(at) ||
        (at >= centroids.from && at < centroids.to) ||
        (at >= nprobe.from && at < nprobe.to)
      )
        continue;
      const broken = Buffer.from(whole);
      broken[at] = 255;
      expect(['bad-input', 'incompatible'], `byte ${at}`).toContain(await attempt(broken));
    }
  });

  test('text, zeros and nothing at all are refused', async () => {
    expect(await attempt(Buffer.from('{"this": "is not an index"}'.repeat(10)))).toBe('bad-input');
    expect(await attempt(Buffer.alloc(1000))).toBe('bad-input');
    expect(await attempt(Buffer.alloc(0))).toBe('bad-input');
  });

  test('a file that is not there is told apart', async () => {
    await expect(readFaissFile(join(folder, 'absent.faiss'))).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe.skipIf(!parity)(
  'files written by FAISS 1.7.3 (skipped where the parity files are not on this machine)',
  () => {
    const read = (name: string) => readFileSync(join(PARITY, name));

    test('each is read whole and says what its manifest says', async () => {
      const { indexes } = JSON.parse(read('manifest.json').toString());
      expect(indexes).toHaveLength(readdirSync(PARITY).filter((name) => name.endsWith('.faissindex')).length);
      for (const { file, fourcc, metric, params } of indexes) {
        const index = await readFaissFile(join(PARITY, file)); // to the last byte
        expect(index).toMatchObject({ fourcc, rows: 4000 });
        const inner = index.inner ?? index;
        if (!/^Ix(PT|RF)/.test(fourcc)) expect(index.metric).toBe(metric === 'IP' ? 'inner-product' : 'l2');
        if (params.nprobe !== undefined) expect(inner.ivf).toEqual({ nlist: 32, nprobe: params.nprobe });
      }
    });

    test('an exact one has the bytes that we would write', () => {
      const { numbers } = readVecs(read('base.fvecs'), 'float');
      const ours = Buffer.concat([encodeFlatHead(4000, 64), bytesOf(numbers as Float32Array)]);
      expect(ours.equals(read('Flat-IP.faissindex'))).toBe(true);
    });

    test('an inverted one has the bytes that we would write, its ids aside, and its ids are our rows', async () => {
      const theirs = read('IVF32_Flat-IP.faissindex');
      const file = await readFaissFile(join(PARITY, 'IVF32_Flat-IP.faissindex'));
      const { sizes, offsets } = file.lists ?? { sizes: new Uint32Array(), offsets: new Float64Array() };
      const listOf: number[] = [];
      const ids: number[] = [];
      sizes.forEach((size, list) => {
        for (let i = 0; i < size; i++) {
          const id = Number(theirs.readBigInt64LE((offsets[list] ?? 0) + size * 256 + i * 8));
          ids.push(id);
          listOf[id] = list;
        }
      });
      const centroids = new Float32Array(Uint8Array.from(theirs.subarray(98, 98 + 32 * 256)).buffer);
      const head = encodeIvfHead({
        rows: 4000,
        dimensions: 64,
        nprobe: file.ivf?.nprobe ?? 0,
        centroids,
        sizes,
      });
      expect(head.equals(theirs.subarray(0, head.length))).toBe(true);

      const { numbers } = readVecs(read('base.fvecs'), 'float');
      const { path, rows } = await write('parity', numbers as Float32Array, 64, listOf, 32, 100_000);
      expect(rows).toEqual(ids);
      const ours = await readFile(path);
      sizes.forEach((size, list) => {
        const [from, to] = [offsets[list] ?? 0, (offsets[list] ?? 0) + size * 256];
        expect(ours.subarray(from, to).equals(theirs.subarray(from, to))).toBe(true);
      });
      expect(ours.length).toBe(theirs.length);
    });
  },
);

test('a view holds no list but names where each lies, with an nprobe of its own', async () => {
  const { path } = await write(
    'viewed',
    clusteredVectors(50, 4),
    4,
    Array.from({ length: 50 }, (_, row) => row % 5),
    6,
  );
  const file = await readFaissFile(path);
  const view = await mappedView(file, 5);
  expect(view.readBigUInt64LE(45)).toBe(5n);
  const at = file.lists?.listsAt ?? 0;
  expect(view.toString('latin1', at, at + 4)).toBe('ilod');
  expect(view.readBigUInt64LE(at + 28 + 16)).toBe(BigInt(file.lists?.offsets[0] ?? 0));
  expect(view.readBigUInt64LE(at + 28 + 5 * 24 + 16)).toBe(2n ** 64n - 1n);
  expect(view.readBigUInt64LE(view.length - 8)).toBe(BigInt(file.bytes));
});
