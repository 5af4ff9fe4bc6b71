import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embedShards, shardPath } from '../../core/embed/embed-shards.ts';
import type { Embedder } from '../../core/embed/embedder.ts';
import { readShard, readShardHeader, writeShard } from '../../core/embed/shard.ts';
import type { Chunk } from '../../core/types.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-shard-'));
  path = join(folder, 'one.shard');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const SHARD = {
  dimensions: 3,
  firstRow: 5_000_000_000,
  rows: 2,
  vectors: Float32Array.of(1, 0, -1, 0.5, 0.25, 3e-8),
};

describe('a shard file', () => {
  it('gives back what was written and leaves no temporary file', async () => {
    await writeShard(path, SHARD);
    expect(await readShard(path, 3)).toEqual(SHARD);
    expect(await readShardHeader(path)).toEqual({ dimensions: 3, firstRow: 5_000_000_000, rows: 2 });
    expect(await readdir(folder)).toEqual(['one.shard']);
  });

  it('has the documented bytes', async () => {
    await writeShard(path, SHARD);
    const bytes = await readFile(path);
    expect(bytes.toString('latin1', 0, 8)).toBe('FNSHARD1');
    expect([bytes.readUInt32LE(8), bytes.readUInt32LE(12), bytes.readBigUInt64LE(16)]).toEqual([
      3,
      2,
      5_000_000_000n,
    ]);
    expect(bytes.length).toBe(56 + 2 * 3 * 4);
    expect(bytes.readFloatLE(56 + 4 * 4)).toBe(0.25);
  });

  it.each([0, 7, 30, 56, 79])('is refused when only %i bytes of it are there', async (length) => {
    await writeShard(path, SHARD);
    await writeFile(path, (await readFile(path)).subarray(0, length));
    await expect(readShard(path)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(path),
    });
    await expect(readShardHeader(path)).rejects.toMatchObject({ code: 'bad-input' });
  });

  it.each([0, 9, 17, 25, 60])('is refused when byte %i has changed', async (at) => {
    await writeShard(path, SHARD);
    const bytes = await readFile(path);
    bytes[at] = (bytes[at] as number) ^ 1;
    await writeFile(path, bytes);
    await expect(readShard(path)).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('is refused by a reader that expects other dimensions', async () => {
    await writeShard(path, SHARD);
    await expect(readShard(path, 384)).rejects.toThrow(/have 3 numbers, 384 were expected/);
  });

  it('is not written with a value that is not finite, and the row is named', async () => {
    const vectors = Float32Array.of(1, 2, 3, 4, Number.NaN, 6);
    await expect(writeShard(path, { ...SHARD, vectors })).rejects.toThrow(/row 5000000001/);
    expect(await readdir(folder)).toEqual([]);
  });
});

const ROWS = 10;
const chunks = {
  asked: [] as number[],
  count: async () => ROWS,
  async range(from: number, to: number) {
    this.asked.push(from);
    return Array.from({ length: to - from }, (_, i): Chunk => {
      const id = from + i;
      const text = `text of row ${id}`;
      return {
        id,
        articleId: '1',
        title: 'T',
        section: [],
        position: id,
        start: 0,
        end: 1,
        url: '',
        language: 'en',
        text,
      };
    });
  },
};

/** Vectors that tell the row: an embedder of two dimensions that never leaves this process. */
function rowEmbedder(fail?: (texts: string[]) => void): Embedder & { calls: string[][] } {
  const calls: string[][] = [];
  return {
    calls,
    model: {
      name: 'rows',
      dtype: 'fp32',
      dimensions: 2,
      pooling: 'mean',
      queryPrefix: '',
      passagePrefix: '',
      maxTokens: 8,
      checksum: '',
      languages: ['en'],
    },
    async embed(texts, _kind, { signal, onDone } = {}) {
      signal?.throwIfAborted();
      fail?.(texts);
      calls.push(texts);
      for (let done = 1; done <= texts.length; done += 1) {
        onDone?.(done);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return Float32Array.from(texts.flatMap((text) => [Number(text.match(/\d+$/)?.[0]), 1]));
    },
    close: async () => undefined,
  };
}

async function runAll(embedder: Embedder, signal?: AbortSignal) {
  const events = [];
  for await (const event of embedShards({ chunks, embedder, folder, shardRows: 4, signal }))
    events.push(event);
  return events;
}

describe('embedding into shards', () => {
  it('writes every row once, in row order, the last shard shorter', async () => {
    const events = await runAll(rowEmbedder());
    const shards = await Promise.all([0, 1, 2].map((i) => readShard(shardPath(folder, i), 2)));
    expect(shards.flatMap(({ vectors }) => [...vectors.filter((_, i) => i % 2 === 0)])).toEqual([
      ...Array(ROWS).keys(),
    ]);
    expect(shards.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([
      [0, 4],
      [4, 4],
      [8, 2],
    ]);
    expect(events[0]).toEqual({ done: 0, total: ROWS });
    expect(events.at(-1)).toEqual({ done: ROWS, total: ROWS });
    expect(events.length).toBeGreaterThan(4);
  });

  it('embeds only what is missing or cut short when it is run again', async () => {
    await runAll(rowEmbedder());
    const kept = await stat(shardPath(folder, 1));
    await rm(shardPath(folder, 0));
    await writeFile(shardPath(folder, 2), 'FNSHARD1 cut');
    const embedder = rowEmbedder();
    chunks.asked = [];
    const events = await runAll(embedder);
    expect(chunks.asked).toEqual([0, 8]);
    expect(events[0]).toEqual({ done: 4, total: ROWS });
    expect((await stat(shardPath(folder, 1))).mtimeMs).toBe(kept.mtimeMs);
    expect((await readShard(shardPath(folder, 2))).rows).toBe(2);
  });

  it('keeps finished shards when the embedder fails, and passes the error on', async () => {
    const embedder = rowEmbedder((texts) => {
      if (texts[0]?.endsWith(' 4')) throw new Error('no more');
    });
    await expect(runAll(embedder)).rejects.toThrow('no more');
    expect(await readdir(folder)).toEqual(['000000.shard']);
  });

  it('embeds the passage with its title', async () => {
    const embedder = rowEmbedder();
    await runAll(embedder);
    expect(embedder.calls[0]?.[0]).toBe('T\ntext of row 0');
  });

  it('stops the embedder when its consumer turns away', async () => {
    let aborted = false;
    const embedder = rowEmbedder();
    const embed = embedder.embed;
    embedder.embed = (texts, kind, options) => {
      options?.signal?.addEventListener('abort', () => {
        aborted = true;
      });
      return embed(texts, kind, options);
    };
    for await (const { done } of embedShards({ chunks, embedder, folder, shardRows: 4 })) if (done > 0) break;
    expect(aborted).toBe(true);
  });

  it('refuses shards that were cut in another size', async () => {
    await runAll(rowEmbedder());
    const again = embedShards({ chunks, embedder: rowEmbedder(), folder, shardRows: 5 });
    await expect(again.next()).rejects.toMatchObject({ code: 'incompatible' });
  });
});
