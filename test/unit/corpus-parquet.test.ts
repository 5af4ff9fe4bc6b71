import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parquetFileReader, parquetReader } from '../../core/corpus/parquet.ts';
import type { ReadArticle, Reader, ReadOptions } from '../../core/corpus/reader.ts';
import { asParquet, placeRecords } from '../fixtures/corpus.ts';

const RECORDS = placeRecords(64);

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-parquet-'));
  path = join(folder, 'a.parquet');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function readerOver(bytes: Uint8Array | ArrayBuffer): Promise<Reader> {
  await writeFile(path, new Uint8Array(bytes));
  return parquetFileReader(path, (await stat(path)).size);
}

async function read(reader: Reader, options?: ReadOptions): Promise<ReadArticle[]> {
  const articles: ReadArticle[] = [];
  for await (const article of reader.articles(options)) articles.push(article);
  return articles;
}

it('row groups that are passed over are not read', async () => {
  const bytes = asParquet(RECORDS, 16);
  await writeFile(path, bytes);
  const spans: number[] = [];
  const reader = parquetReader(path, bytes.length, async () => {
    const file = await asyncBufferFromFile(path);
    return {
      byteLength: file.byteLength,
      slice(start, end = file.byteLength) {
        spans.push(end - start);
        return file.slice(start, end);
      },
    };
  });
  await read(reader);
  const whole = spans.splice(0).reduce((sum, span) => sum + span, 0);
  await read(reader, { skip: 48 });
  const last = spans.reduce((sum, span) => sum + span, 0);
  const [footer = 0] = spans;
  expect(last - footer).toBeLessThan((whole - footer) / 3);
});

it('only title and text are needed: the id is the row’s number', async () => {
  const reader = await readerOver(
    parquetWriteBuffer({
      columnData: [
        {
          name: 'text',
          data: ['A town is a place where people live.', 'So is a city, but larger by far.'],
          type: 'STRING',
        },
        { name: 'title', data: ['Town', 'City'], type: 'STRING' },
      ],
    }),
  );
  expect((await read(reader)).map(({ article }) => article)).toMatchObject([
    { id: '1', title: 'Town', url: '', language: '' },
    { id: '2', title: 'City', url: '', language: '' },
  ]);
});

it('ids may be numbers', async () => {
  const text = ['A town is a place where people live.'];
  const columnData = [
    { name: 'id', data: [12n], type: 'INT64' as const },
    { name: 'title', data: ['Town'], type: 'STRING' as const },
    { name: 'text', data: text, type: 'STRING' as const },
  ];
  expect((await read(await readerOver(parquetWriteBuffer({ columnData }))))[0]?.article.id).toBe('12');
});

it('a row whose text is not UTF-8 is a broken record of its own', async () => {
  const bytes = Buffer.from(
    parquetWriteBuffer({
      codec: 'UNCOMPRESSED',
      columnData: [
        { name: 'title', data: ['Town', 'City'], type: 'STRING' },
        {
          name: 'text',
          data: ['A town is a place where people live.', 'A city is even larger.'],
          type: 'STRING',
        },
      ],
    }),
  );
  bytes[bytes.indexOf('town is')] = 0xff;
  const reader = await readerOver(bytes);
  await expect(read(reader)).rejects.toMatchObject({
    message: expect.stringMatching(/^Row 1 of .* no valid UTF-8 text/),
  });
  expect((await read(reader, { skipBad: true })).map(({ article }) => article.title)).toEqual(['City']);
});

describe('a file that is not what it should be', () => {
  const other = parquetWriteBuffer({
    columnData: [
      { name: 'body', data: ['a'], type: 'STRING' },
      { name: 'label', data: [1], type: 'INT32' },
    ],
  });
  const whole = asParquet(RECORDS);
  const footerSpoiled = Buffer.from(whole);
  footerSpoiled.fill(0xee, whole.length - 300, whole.length - 12);
  it.each([
    [
      'other columns',
      new Uint8Array(other),
      /has the columns body, label; expected id, url, title and text\.$/,
    ],
    ['another format', Buffer.from('{"title": "A", "text": "B"}'), /is no Parquet file: /],
    ['two bytes', Buffer.from('PA'), /is no Parquet file: /],
    ['its end missing', whole.subarray(0, whole.length - 20), /is cut short: /],
    ['a spoiled footer', footerSpoiled, /is damaged: /],
  ])('is refused in one sentence: %s', async (_, bytes, sentence) => {
    const reader = await readerOver(bytes);
    await expect(read(reader)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(sentence),
      hint: expect.any(String),
    });
  });

  it('is empty where it has no rows', async () => {
    await expect(read(await readerOver(asParquet([])))).rejects.toThrow(/is empty/);
  });
});
