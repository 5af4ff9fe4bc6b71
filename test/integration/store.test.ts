import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyvSqlite } from '@keyv/sqlite';
import Keyv from 'keyv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChunkReader } from '../../core/store/chunk-store.ts';
import { indexWords, openChunkReader, openChunkWriter } from '../../core/store/client.ts';
import type { KeywordTokenizer, NewChunk } from '../../core/types.ts';
import { checkpointAfter, makeChunks } from '../fixtures/chunks.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-store-'));
  path = join(folder, 'chunks.sqlite');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes the chunks in two transactions, indexes their words, and hands a reader to `use`. */
async function withStore<T>(
  chunks: NewChunk[],
  use: (reader: ChunkReader) => Promise<T>,
  tokenizer: KeywordTokenizer = 'porter',
  languages = ['en'],
): Promise<T> {
  const writer = await openChunkWriter({ path, tokenizer });
  const half = Math.ceil(chunks.length / 2);
  await writer.append(chunks.slice(0, half), checkpointAfter(half, { languages }));
  await writer.append(chunks.slice(half), checkpointAfter(chunks.length, { languages, complete: true }));
  await writer.finish();
  await writer.close();
  for await (const rows of indexWords({ path, tokenizer })) expect(rows).toBeLessThanOrEqual(chunks.length);
  const reader = await openChunkReader({ path, tokenizer });
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

const chunkOf = (title: string, text: string, section: string[] = []): NewChunk => ({
  articleId: title,
  title,
  section,
  position: 0,
  start: 0,
  end: text.length,
  url: '',
  language: 'en',
  text,
});

describe('titles of which the beginning was typed', () => {
  const chunks = [
    chunkOf('The Beatles', 'A band.'),
    chunkOf('The Beatles', 'Its second chunk.'),
    chunkOf('Beatrix Potter', 'She wrote of rabbits.'),
    chunkOf('Queen Beatrix', 'She reigned.'),
    chunkOf('Étretat', 'A village of "cliffs".'),
  ];
  it.each([
    ['beat', ['Beatrix Potter']],
    ['The Bea', ['The Beatles']],
    ['beatrix pot', ['Beatrix Potter']],
    ['étr', ['Étretat']],
    ['pott', []],
    ['"* OR title:', []],
    ['…', []],
  ])('are found, each once: %s', (typed, titles) =>
    withStore(chunks, async (reader) => expect(await reader.titles(typed, 10)).toEqual(titles)),
  );
});

describe('articles named in a question', () => {
  const article = (title: string, ...texts: string[]): NewChunk[] =>
    texts.map((text, position) => ({ ...chunkOf(title, text), position }));
  const chunks = [
    ...article('Force', 'Newton measured it.', 'A push or pull is a force.'),
    ...article('Force (novel)', 'A novel of a strike.'),
    ...article('Air force', 'Pilots pull levers.'),
    ...article('Apollo 15', 'The rover was on the Moon.'),
    ...article('Apollo', 'A god of the Moon’s brother.'),
  ];

  it('are those whose whole title stands in it, their rows by its other words', async () => {
    await withStore(chunks, async (reader) => {
      const texts = async (question: string, k = 10) =>
        (await reader.get((await reader.titled(question, k)).map(({ id }) => id))).map(({ text }) => text);
      expect(await texts('Who wrote of the pull of a force?')).toEqual([
        'A push or pull is a force.',
        'Newton measured it.',
        'A novel of a strike.',
      ]);
      expect(await texts('Was the rover of Apollo 15 on the Moon?')).toEqual([
        'The rover was on the Moon.',
        'A god of the Moon’s brother.',
      ]);
      expect(await texts('Was the rover of Apollo 15 on the Moon?', 1)).toHaveLength(1);
      expect(await texts('What is a pushover?')).toEqual([]);
      expect(await texts('"title : (^ OR')).toEqual([]);
    });
  });
});

describe('chunks', () => {
  it('come back by id in the order asked for, unknown ids left out', async () => {
    const chunks = makeChunks(0, 1_203);
    await withStore(chunks, async (reader) => {
      expect(await reader.count()).toBe(1_203);
      const found = await reader.get([1_202, 0, 5_000, 600, -1, 600]);
      expect(found).toEqual([1_202, 0, 600, 600].map((id) => ({ id, ...chunks[id] })));
      expect(await reader.get([])).toEqual([]);
    });
  });

  it('come back by range, cut at the end of the store', async () => {
    await withStore(makeChunks(0, 1_203), async (reader) => {
      expect((await reader.range(499, 502)).map(({ id }) => id)).toEqual([499, 500, 501]);
      expect((await reader.range(1_200, 9_999)).map(({ id }) => id)).toEqual([1_200, 1_201, 1_202]);
      expect(await reader.range(10, 10)).toEqual([]);
    });
  });

  it('keep every character: colons, quotes, zero bytes, emoji, halves of pairs', async () => {
    const texts = [':starts with a colon', ':base64:AAAA', 'a "quote" \\ \u0000 🙂 end', 'half \ud83d', ''];
    const chunks = texts.map((text, index) => ({ ...chunkOf(`:Title ${index}`, text), revision: '12345' }));
    await withStore(chunks, async (reader) => {
      expect(await reader.range(0, 5)).toEqual(chunks.map((chunk, id) => ({ id, ...chunk })));
    });
  });

  it('are ordinary Keyv entries', async () => {
    const chunks = makeChunks(0, 700);
    await withStore(chunks, async () => undefined);
    const keyv = new Keyv(new KeyvSqlite(`sqlite://${path}`));
    expect(await keyv.get('123')).toEqual({ id: 123, ...chunks[123] });
    expect(await keyv.getMany(['699', '700'])).toEqual([{ id: 699, ...chunks[699] }, undefined]);
    await keyv.disconnect();
  });

  it('can be read by several processes at once, which leave no file beside the store', async () => {
    await withStore(makeChunks(0, 50), async (reader) => {
      const other = await openChunkReader({ path, tokenizer: 'porter' });
      expect(await Promise.all([reader.count(), other.count()])).toEqual([50, 50]);
      await other.close();
    });
    expect(await readdir(folder)).toEqual(['chunks.sqlite', 'chunks.words']);
  });
});

describe('writing', () => {
  it('goes on where the last checkpoint was', async () => {
    const chunks = makeChunks(0, 30);
    const first = await openChunkWriter({ path, tokenizer: 'porter' });
    expect(await first.checkpoint()).toBeUndefined();
    await first.append(chunks.slice(0, 20), checkpointAfter(20));
    await first.close();
    const second = await openChunkWriter({ path, tokenizer: 'porter' });
    expect(await second.checkpoint()).toEqual(checkpointAfter(20));
    await second.append(chunks.slice(20), checkpointAfter(30, { complete: true }));
    await second.finish();
    await second.close();
    const reader = await openChunkReader({ path, tokenizer: 'porter' });
    expect(await reader.range(0, 99)).toEqual(chunks.map((chunk, id) => ({ id, ...chunk })));
    await reader.close();
  });

  it('keeps calls that overlap in their order', async () => {
    const writer = await openChunkWriter({ path, tokenizer: 'porter' });
    const chunks = makeChunks(0, 3_000);
    const appends = [0, 1_000, 2_000].map((at) =>
      writer.append(chunks.slice(at, at + 1_000), checkpointAfter(at + 1_000)),
    );
    await Promise.all([...appends, writer.finish(), writer.close()]);
    const reader = await openChunkReader({ path, tokenizer: 'porter' });
    expect((await reader.get([2_999]))[0]?.text).toBe(chunks[2_999]?.text);
    await reader.close();
  });

  it('refuses a checkpoint that does not count the chunks it comes with, and stores nothing', async () => {
    const writer = await openChunkWriter({ path, tokenizer: 'porter' });
    await expect(writer.append(makeChunks(0, 5), checkpointAfter(4))).rejects.toMatchObject({
      code: 'internal',
    });
    expect(await writer.checkpoint()).toBeUndefined();
    await writer.append(makeChunks(0, 5), checkpointAfter(5));
    expect(await writer.checkpoint()).toEqual(checkpointAfter(5));
    await writer.close();
  });

  it('takes a batch without chunks, for a checkpoint alone', async () => {
    await withStore([], async (reader) => {
      expect(await reader.count()).toBe(0);
      expect(await reader.keyword('anything', 5)).toEqual([]);
    });
  });
});

describe('keyword search', () => {
  const chunks = [
    chunkOf('Albert Einstein', 'Albert Einstein was born in Ulm, in the Kingdom of Württemberg.'),
    chunkOf('Ulm', 'Ulm is a city on the river Danube.', ['Geography']),
    chunkOf('Danube', 'The Danube flows through ten countries. It connects cities.'),
    chunkOf('Operators', 'Near and not and or are words of a query language.'),
    chunkOf('The Who', 'The Who are an English rock band.'),
  ];
  const titles = async (reader: ChunkReader, question: string, k = 3) =>
    (await reader.get((await reader.keyword(question, k)).map(({ id }) => id))).map(({ title }) => title);

  it('finds passages by stems, title, section and without accents, best first', async () => {
    await withStore(chunks, async (reader) => {
      expect((await titles(reader, 'Where was Einstein born?'))[0]).toBe('Albert Einstein');
      expect(await titles(reader, 'city')).toEqual(['Ulm', 'Danube']);
      expect(await titles(reader, 'geography')).toEqual(['Ulm']);
      expect(await titles(reader, 'wurttemberg')).toEqual(['Albert Einstein']);
      expect(await titles(reader, 'wu\u0308rttemberg')).toEqual(['Albert Einstein']);
      expect((await titles(reader, 'danube', 1)).length).toBe(1);
      const scores = (await reader.keyword('Ulm on the Danube', 10)).map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
    });
  });

  it('gives operators, quotes and column names of a question no meaning', async () => {
    await withStore(chunks, async (reader) => {
      expect(await titles(reader, '"danube')).toEqual(expect.arrayContaining(['Danube']));
      expect(await titles(reader, 'title:danube* NOT (ulm')).toEqual(
        expect.arrayContaining(['Danube', 'Ulm']),
      );
      for (const question of ['NEAR(a b', '^', '-ulm', "'; DROP TABLE keyv; --", 'a\u0000b', '""'])
        await expect(reader.keyword(question, 5)).resolves.toBeInstanceOf(Array);
      expect(await reader.count()).toBe(5);
    });
  });

  it('finds nothing where there is no word, and searches stop words where there is nothing else', async () => {
    await withStore(chunks, async (reader) => {
      for (const question of ['', ' ', '?!', '…']) expect(await reader.keyword(question, 5)).toEqual([]);
      expect(await titles(reader, 'The Who?', 1)).toEqual(['The Who']);
    });
  });

  it('takes a question of 100,000 characters', async () => {
    await withStore(chunks, async (reader) => {
      expect((await titles(reader, `Danube ${'lorem ipsum dolor '.repeat(6_000)}`))[0]).toBe('Danube');
      expect(await reader.keyword('x'.repeat(100_000), 5)).toEqual([]);
    });
  });

  it('finds words of Chinese and Japanese by dictionary segments', async () => {
    const eastern = [
      chunkOf('北京', '北京是中华人民共和国的首都。'),
      chunkOf('東京', '東京は日本の首都である。'),
      chunkOf('上海', '上海是一座城市。'),
    ];
    await withStore(
      eastern,
      async (reader) => {
        expect(await titles(reader, '哪座城市?', 1)).toEqual(['上海']);
        expect(await titles(reader, '日本の首都はどこですか', 1)).toEqual(['東京']);
      },
      'segmenter',
      ['zh'],
    );
  });

  it('cancelled before it starts, does not search', async () => {
    await withStore(chunks, async (reader) => {
      await expect(reader.keyword('danube', 5, { signal: AbortSignal.abort() })).rejects.toThrow();
    });
  });

  it('says what to do where the words were not indexed yet', async () => {
    const writer = await openChunkWriter({ path, tokenizer: 'porter' });
    await writer.append(chunks, checkpointAfter(chunks.length));
    await writer.finish();
    await writer.close();
    const reader = await openChunkReader({ path, tokenizer: 'porter' });
    await expect(reader.keyword('danube', 5)).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('footnote build'),
    });
    await reader.close();
  });
});
