import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { earlierVectors } from '../../core/embed/earlier-vectors.ts';
import { embedShards, shardPath } from '../../core/embed/embed-shards.ts';
import type { Embedder } from '../../core/embed/embedder.ts';
import { findUnchanged, NO_ROW } from '../../core/embed/unchanged.ts';
import type { Chunk } from '../../core/types.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-unchanged-'));
  path = join(folder, 'unchanged.u32');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Passages of `Title: text` each. */
function passages(list: string[]) {
  const chunks = list.map((entry, id) => {
    const [title = '', text = ''] = entry.split(': ');
    return { id, title, section: [] as string[], text } as unknown as Chunk;
  });
  return {
    count: async () => chunks.length,
    range: async (from: number, to: number) => chunks.slice(from, to),
  };
}

async function rowsOf(file: string): Promise<number[]> {
  const bytes = await readFile(file);
  return Array.from({ length: bytes.length / 4 }, (_, row) => bytes.readUInt32LE(row * 4));
}

describe('rows that say the same as before', () => {
  it('are found wherever they have moved to; changed, new and renamed ones are not', async () => {
    const earlier = passages(['Ulm: A city.', 'Ulm: A spire.', 'Ister: A river.', 'Ulm: A city.']);
    const now = ['Ister: A river.', 'Ulm: A large city.', 'Ulm: A spire.', 'Weir: A city.', 'Ulm: A city.'];
    await findUnchanged({ chunks: passages(now), earlier, path, parts: 3 });
    expect(await rowsOf(path)).toEqual([2, NO_ROW, 1, NO_ROW, 0]);
    expect(await readdir(folder)).toEqual(['unchanged.u32']);
  });

  it('are the same however many parts hashes are dealt to', async () => {
    const earlier = passages(Array.from({ length: 3_000 }, (_, row) => `T: text ${row}`));
    const chunks = passages(Array.from({ length: 2_500 }, (_, row) => `T: text ${row * 2}`));
    const one = await rowsOf(await findUnchanged({ chunks, earlier, path, parts: 1 }));
    const many = await rowsOf(await findUnchanged({ chunks, earlier, path: `${path}2`, parts: 16 }));
    expect(many).toEqual(one);
    expect(one.filter((row) => row !== NO_ROW).length).toBe(1_500);
    expect(one[7]).toBe(14);
  });

  it('are not looked for again once they are known', async () => {
    const chunks = passages(['Ulm: A city.']);
    await findUnchanged({ chunks, earlier: chunks, path });
    const never = { count: () => Promise.reject(new Error('read again')), range: chunks.range };
    expect(await findUnchanged({ chunks, earlier: never, path })).toBe(path);
  });
});

describe('a build that is updated', () => {
  const embedded: string[] = [];
  /** A vector that only the text decides. */
  const embedder = {
    model: { dimensions: 2 },
    async embed(texts: string[]) {
      embedded.push(...texts);
      return Float32Array.from(texts.flatMap((text) => [text.length, text.charCodeAt(0)]));
    },
  } as unknown as Embedder;

  it('embeds what has changed only, and has the shards of one that is made anew', async () => {
    const before = Array.from({ length: 10 }, (_, row) => `T${row}: text of ${row}`);
    const after = ['A: new', ...before.slice(0, 4), 'T4: changed', ...before.slice(6)];
    const [old, anew, updated] = ['old', 'anew', 'updated'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const embed = async (list: string[], to: string, from?: ReturnType<typeof earlierVectors>) => {
      const request = { chunks: passages(list), embedder, folder: to, shardRows: 4, earlier: from };
      for await (const _ of embedShards(request));
    };
    await embed(before, old);
    await embed(after, anew);
    embedded.length = 0;
    const unchanged = await findUnchanged({ chunks: passages(after), earlier: passages(before), path });
    await embed(after, updated, earlierVectors({ unchanged, folder: old, shardRows: 4, dimensions: 2 }));
    expect(embedded).toEqual(['A\nnew', 'T4\nchanged']);
    for (const index of [0, 1, 2])
      expect(await readFile(shardPath(updated, index))).toEqual(await readFile(shardPath(anew, index)));
  });
});
