import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSource } from '../../core/corpus/open.ts';
import type { ReadArticle, Reader } from '../../core/corpus/reader.ts';
import type { Article } from '../../core/types.ts';
import { asParquet } from '../fixtures/corpus.ts';
import { SHARED } from '../fixtures/shared-data.ts';

const DUMPS = join(SHARED, 'mediawiki-dumps');
const ARTICLES = join(SHARED, 'wikipedia-2019');
const HUB = { endpoint: 'http://127.0.0.1:9' };

async function only(source: string): Promise<Reader> {
  const readers = await openSource(source, HUB);
  expect(readers).toHaveLength(1);
  return readers[0] as Reader;
}

async function read(reader: Reader): Promise<ReadArticle[]> {
  const articles: ReadArticle[] = [];
  for await (const article of reader.articles()) articles.push(article);
  return articles;
}

describe.skipIf(!existsSync(DUMPS))('real MediaWiki exports (needs shared/data/mediawiki-dumps)', () => {
  it.each([
    ['dumpsterdive-smallwiki.xml.gz', 2004, 903, 'https://ltg.wikipedia.org', 'ltg', '2017-09-01T05:04:08Z'],
    ['dumpsterdive-tinywiki.xml.gz', 8, 8, 'https://ltg.wikipedia.org', 'ltg', '2013-03-22T09:37:03Z'],
    [
      'gensim-enwiki-p10p30302-shortened.xml.bz2',
      206,
      106,
      'https://en.wikipedia.org',
      'en',
      '2016-05-01T07:08:29Z',
    ],
    ['gensim-enwiki-table-markup.xml.bz2', 5, 5, '', 'en', '2017-12-29T02:02:23Z'],
    ['wikipedia2vec-sample.xml.bz2', 3, 2, 'http://en.wikipedia.org', 'en', '2014-10-26T04:50:23Z'],
  ])(
    '%s has at most its %i pages’ %i articles, with site, language and date',
    async (name, pages, most, site, language, dumpDate) => {
      const reader = await only(join(DUMPS, name));
      const articles = await read(reader);
      expect(reader.facts).toMatchObject({ site, language, dumpDate, skipped: 0 });
      expect(articles.length).toBeLessThanOrEqual(most);
      expect(articles.length).toBeGreaterThan(most / 3);
      expect(articles.at(-1)?.records).toBeLessThanOrEqual(pages);
      for (const { article } of articles) {
        expect(article.revision).toMatch(/^\d+$/);
        expect(article.url.startsWith(site === '' ? '' : `${site}/wiki/`)).toBe(true);
        expect(article.text).not.toMatch(/^#REDIRECT/i);
      }
    },
  );
});

describe.skipIf(!existsSync(ARTICLES))('a real corpus of articles (needs shared/data/wikipedia-2019)', () => {
  const SHARD = join(ARTICLES, 'articles-1k-002.jsonl.gz');
  let folder: string;
  let fromJsonl: Article[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footnote-real-'));
    fromJsonl = (await read(await only(SHARD))).map(({ article }) => article);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has every article of its file', () => {
    expect(fromJsonl).toHaveLength(286);
    expect(fromJsonl[0]).toMatchObject({
      title: 'November',
      url: 'https://en.wikipedia.org/wiki/November',
      language: 'en',
    });
  });

  it('is the same corpus when it is written as Parquet', async () => {
    const path = join(folder, 'articles.parquet');
    await writeFile(
      path,
      asParquet(
        fromJsonl.map((article) => ({ ...article, kind: 'article' })),
        100,
      ),
    );
    const fromParquet = await read(await only(path));
    expect(fromParquet.map(({ article: { id, title, url } }) => ({ id, title, url }))).toEqual(
      fromJsonl.map(({ id, title, url }) => ({ id, title, url })),
    );
  });
});
