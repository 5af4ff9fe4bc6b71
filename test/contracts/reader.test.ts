import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSource } from '../../core/corpus/open.ts';
import type { ReadArticle, Reader, ReadOptions } from '../../core/corpus/reader.ts';
import { type Hub, startHub } from '../fakes/hub.ts';
import { asJsonl, asParquet, asXml, type PlaceRecord, placeRecords } from '../fixtures/corpus.ts';

const ALL = placeRecords(40);
const BROKEN = 3;

interface Format {
  name: string;
  file: string;
  bytes: (records: PlaceRecord[]) => Uint8Array | Promise<Uint8Array>;
  /** The same records with the one at BROKEN spoiled, if the format can have that; `lost`: records lost by it. */
  spoiled?: (records: PlaceRecord[]) => Uint8Array;
  lost?: number;
  /** Why a file that is cut short cannot always be told from a whole one. */
  cutUnseen?: string;
  overHub?: boolean;
}

const text = (content: string) => Buffer.from(content);
const fixture = (name: string) => readFile(new URL(`../fixtures/${name}`, import.meta.url));
const spoilLine = (records: PlaceRecord[]) =>
  asJsonl(records)
    .split('\n')
    .map((line, index) => (index === BROKEN ? line.slice(0, 20) : line))
    .join('\n');
const withoutTitle = (records: PlaceRecord[]) =>
  records.map((record, index) => (index === BROKEN ? { ...record, title: '' } : record));

const FORMATS: Format[] = [
  {
    name: 'MediaWiki XML',
    file: 'a.xml',
    bytes: (records) => text(asXml(records)),
    spoiled: (records) => text(asXml(withoutTitle(records))),
  },
  { name: 'MediaWiki XML, gzip', file: 'a.xml.gz', bytes: (records) => gzipSync(asXml(records)) },
  {
    name: 'MediaWiki XML, bzip2 of many streams',
    file: 'a-pages1.xml-p1p40.bz2',
    bytes: () => fixture('places-multistream.xml.bz2'),
  },
  {
    name: 'JSON Lines',
    file: 'a.jsonl',
    bytes: (records) => text(asJsonl(records)),
    spoiled: (records) => text(spoilLine(records)),
    cutUnseen: 'a file that is cut between two lines is whole',
  },
  {
    name: 'JSON Lines, gzip',
    file: 'a.jsonl.gz',
    bytes: (records) => gzipSync(asJsonl(records)),
    spoiled: (records) => gzipSync(spoilLine(records)),
  },
  {
    name: 'Parquet',
    file: 'a.parquet',
    bytes: asParquet,
    spoiled: (records) => asParquet(withoutTitle(records)),
  },
  {
    name: 'Parquet with a row group that cannot be decoded',
    file: 'b.parquet',
    bytes: asParquet,
    spoiled: (records) => {
      const bytes = asParquet(records);
      return bytes.fill(0xff, 4, 64);
    },
    lost: 10,
  },
  { name: 'Parquet on a hub', file: 'c.parquet', bytes: asParquet, overHub: true },
];

let folder: string;
let hub: Hub | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-readers-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(format: Format, bytes: Uint8Array): Promise<Reader> {
  await hub?.close();
  hub = undefined;
  if (format.overHub) hub = await startHub({ files: { 'datasets/o/n/resolve/main/en/0.parquet': bytes } });
  const path = join(folder, format.file);
  await writeFile(path, bytes);
  const readers = await openSource(format.overHub ? 'hf:o/n/en' : path, {
    endpoint: hub?.endpoint ?? 'http://none',
  });
  expect(readers).toHaveLength(1);
  return readers[0] as Reader;
}

async function read(reader: Reader, options?: ReadOptions): Promise<ReadArticle[]> {
  const { articles, error } = await readUntilError(reader, options);
  if (error !== undefined) throw error;
  return articles;
}

/** The articles that a reading gives before it fails, and the error. */
async function readUntilError(reader: Reader, options?: ReadOptions) {
  const articles: ReadArticle[] = [];
  try {
    for await (const article of reader.articles(options)) articles.push(article);
  } catch (error) {
    return { articles, error };
  }
  return { articles, error: undefined };
}

describe.each(FORMATS)('a reader of $name', (format) => {
  afterAll(async () => {
    await hub?.close();
    hub = undefined;
  });

  it('gives the articles in their order and no record that holds none', async () => {
    const reader = await open(format, await format.bytes(ALL));
    const articles = await read(reader);
    const expected = ALL.flatMap((record, index) =>
      record.kind === 'article' ? [{ ...record, records: index + 1 }] : [],
    );
    expect(articles.map(({ article: { id, title, url }, records }) => ({ id, title, url, records }))).toEqual(
      expected.map(({ id, title, url, records }) => ({ id, title, url, records })),
    );
    for (const [index, { article }] of articles.entries()) {
      const lastParagraph = expected[index]?.text.split('\n\n').at(-1) as string;
      expect(article.text).toContain(lastParagraph);
      expect(article.blocks.length).toBeGreaterThan(0);
      expect(article.language).toBe('sv');
    }
  });

  it('tells site, language, and progress up to the whole source', async () => {
    const reader = await open(format, await format.bytes(ALL));
    const progress: number[] = [];
    for await (const _ of reader.articles()) progress.push(reader.facts.bytesRead);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(reader.facts).toMatchObject({ site: 'https://sv.wikipedia.org', language: 'sv', skipped: 0 });
    expect(reader.facts.bytesTotal).toBeGreaterThan(0);
    expect(reader.facts.bytesRead).toBe(reader.facts.bytesTotal);
  });

  it('goes on behind any article exactly as if it had not stopped', async () => {
    const reader = await open(format, await format.bytes(ALL));
    const whole = await read(reader);
    for (const at of [0, 9, whole.length - 1]) {
      const skip = whole[at]?.records as number;
      expect(await read(reader, { skip })).toEqual(whole.slice(at + 1));
    }
    expect(await read(reader, { skip: ALL.length })).toEqual([]);
  });

  it('stops when it is cancelled, before and in the middle', async () => {
    const reader = await open(format, await format.bytes(ALL));
    await expect(read(reader, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    const controller = new AbortController();
    let count = 0;
    const reading = async () => {
      for await (const _ of reader.articles({ signal: controller.signal })) {
        count += 1;
        controller.abort();
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'cancelled' });
    expect(count).toBe(1);
  });

  it('can be left early and read again', async () => {
    const reader = await open(format, await format.bytes(ALL));
    for await (const { records } of reader.articles()) if (records > 5) break;
    expect(await read(reader)).toHaveLength(ALL.filter(({ kind }) => kind === 'article').length);
  });

  it('says in one sentence that an empty file is empty', async () => {
    const reader = await open(format, new Uint8Array());
    await expect(read(reader)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/ is empty: it holds not one article\.$/),
    });
  });

  it.skipIf(format.cutUnseen)(
    `fails in one sentence at a file that is cut short anywhere${format.cutUnseen ? ` (not seen: ${format.cutUnseen})` : ''}`,
    async () => {
      const bytes = await format.bytes(ALL);
      const whole = await read(await open(format, bytes));
      for (const share of [0.001, 0.3, 0.8, 0.99]) {
        const { articles, error } = await readUntilError(
          await open(format, bytes.subarray(0, bytes.length * share)),
        );
        expect(error).toMatchObject({ code: 'bad-input', message: expect.stringMatching(/^[^\n]+\.$/) });
        expect((error as Error).message).toMatch(/cut short|no Parquet file/);
        expect(articles).toEqual(whole.slice(0, articles.length));
      }
    },
  );

  const { spoiled, lost = 1 } = format;
  it.skipIf(!spoiled)(
    `names the place of a broken record, and counts and passes over it on request${spoiled ? '' : ' (as the same format uncompressed)'}`,
    async () => {
      const reader = await open(format, spoiled?.(ALL) as Uint8Array);
      const first = await readUntilError(reader);
      expect(first.error).toMatchObject({ code: 'bad-input', hint: expect.stringContaining('--skip-bad') });
      const message = (first.error as Error).message;
      expect(message).toContain(reader.source);
      expect(message).toMatch(
        lost > 1 ? /^Row group 1 .*rows 1 to 10/ : new RegExp(`^(Line|Row|Page) ${BROKEN + 1} of `),
      );
      const isLost = (index: number) => (lost > 1 ? index < lost : index === BROKEN);
      const left = ALL.filter(({ kind }, index) => kind === 'article' && !isLost(index));
      const articles = await read(reader, { skipBad: true });
      expect(articles.map(({ article }) => article.id)).toEqual(left.map(({ id }) => id));
      expect(reader.facts.skipped).toBe(lost);
      expect(await read(reader, { skipBad: true, skip: 10 })).toEqual(
        articles.filter(({ records }) => records > 10),
      );
      expect(reader.facts.skipped).toBe(0);
    },
  );
});
