import { describe, expect, it } from 'vitest';
import { type ExportPage, type ExportSite, exportPages } from '../../core/corpus/export-xml.ts';
import { asPage, asXml, inPieces, placeRecords, xmlHead } from '../fixtures/corpus.ts';

const RECORDS = placeRecords(24);

async function pagesOf(xml: string | Uint8Array, { seed = 1, most = 4_000 } = {}) {
  const site: ExportSite = { language: '', base: '', namespaces: new Set() };
  const pages: ExportPage[] = [];
  const source = { source: 'a.xml', wantsText: ({ redirect }: ExportPage) => !redirect };
  try {
    for await (const page of exportPages(inPieces(Buffer.from(xml), seed, most), site, source))
      pages.push(page);
  } catch (error) {
    return { pages, site, error: error as Error };
  }
  return { pages, site, error: undefined };
}

describe('the pages of an export', () => {
  it('are the same however the bytes are cut, also inside a character, an entity or a tag', async () => {
    const whole = await pagesOf(asXml(RECORDS), { most: 1e9 });
    expect(whole.pages.map(({ title }) => title)).toEqual(RECORDS.map(({ title }) => title));
    for (let seed = 1; seed <= 20; seed += 1)
      expect(await pagesOf(asXml(RECORDS), { seed, most: seed < 5 ? 3 : 900 })).toEqual(whole);
  });

  it('come with the site’s language, address and namespaces', async () => {
    const { site } = await pagesOf(asXml(RECORDS));
    expect(site).toEqual({
      language: 'sv',
      base: 'https://sv.wikipedia.org/wiki/Portal:Huvudsida',
      namespaces: new Set(['Talk']),
    });
  });

  it('carry the page id, not the contributor’s, and their newest revision', async () => {
    const [record] = RECORDS;
    const page = asPage(record as (typeof RECORDS)[0]);
    const older = /<revision>[\s\S]*<\/revision>/
      .exec(page)?.[0]
      .replace('2023-', '2001-')
      .replace('is a town', 'was a village');
    const { pages } = await pagesOf(
      `${xmlHead()}${page.replace('</revision>', `</revision>${older}`)}</mediawiki>`,
    );
    expect(pages).toHaveLength(1);
    expect(pages[0]).toMatchObject({
      id: '1000',
      revision: { id: '91000', timestamp: '2023-05-05T06:07:08Z' },
    });
    expect(pages[0]?.revision?.text).toContain('is a town');
  });

  it('keep no text that is not wanted', async () => {
    const { pages } = await pagesOf(asXml(RECORDS));
    for (const { redirect, revision } of pages) if (redirect) expect(revision?.text).toBe('');
    expect(pages.filter(({ redirect }) => redirect)).toHaveLength(3);
  });
});

describe('an export that is not what it should be', () => {
  const cases: [string, string | Uint8Array, RegExp][] = [
    ['a feed', '<?xml version="1.0"?><rss version="2.0"><channel/></rss>', /no MediaWiki export.*<rss>/],
    ['a web page', '<!DOCTYPE html><html><body><p>Hi<br></body></html>', /no MediaWiki export.*<html>/],
    ['plain text', 'Abraham Lincoln was a president.', /not well-formed XML at line 1/],
    ['nothing but space', '  \n ', /cut short.*before its outermost element/],
    [
      'a broken tag',
      `${xmlHead()}\n<page><title>A</titel></page>`,
      /not well-formed XML at line 11: unexpected close tag/,
    ],
    [
      'an unknown entity',
      `${xmlHead()}<page><title>&bomb;</title></page>`,
      /not well-formed XML.*undefined entity/,
    ],
    [
      'an end between two pages',
      asXml(RECORDS).replace('</mediawiki>', ''),
      /cut short.*before <\/mediawiki>, behind page 24/,
    ],
    ['text behind the end', `${asXml(RECORDS)}<page/>`, /not well-formed XML/],
    [
      'bytes that are not UTF-8',
      Buffer.from(`${xmlHead()}<page><title>\xe5</title>`, 'latin1'),
      /a\.xml is not valid UTF-8, somewhere behind line \d+\.$/,
    ],
    [
      'half a character at the end',
      Buffer.concat([Buffer.from(asXml(RECORDS)), Buffer.from([0xc3])]),
      /not valid UTF-8/,
    ],
  ];
  it.each(cases)('is refused in one sentence: %s', async (_, xml, sentence) => {
    const { error } = await pagesOf(xml);
    expect(error).toMatchObject({ code: 'bad-input', message: expect.stringMatching(sentence) });
    expect(error?.message).toMatch(/^[^\n]*a\.xml[^\n]*\.$/);
  });

  it('names the page in whose middle it ends, whole pages before it given', async () => {
    const xml = asXml(RECORDS);
    const { pages, error } = await pagesOf(
      xml.slice(0, xml.indexOf('is a town', xml.indexOf('<id>1008</id>')) + 40),
    );
    expect(pages).toHaveLength(8);
    expect(error?.message).toBe(
      'a.xml is cut short: it ends in the middle of Page 9 (“Östra “Place” 9 & Sons”).',
    );
  });
});
