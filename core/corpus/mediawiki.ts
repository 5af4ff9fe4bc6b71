/**
 * Knows which pages of a MediaWiki export are articles: namespace 0, no redirect, wikitext.
 * Knows neither the export's XML nor how wikitext becomes prose.
 */
import { isCoreError } from '../errors.ts';
import type { Article } from '../types.ts';
import { pageUrl, siteOf } from './address.ts';
import { readBytes } from './decompress.ts';
import { type ExportPage, type ExportSite, exportPages } from './export-xml.ts';
import type { Reader } from './reader.ts';
import { badRecord, readerOf } from './records.ts';
import { articleFromWikitext } from './wikitext.ts';

/** A redirect where the export does not mark it: `#WORD [[Target]]` in any language. */
const REDIRECT = /^\s*#[^\s#*:;[\]]+\s*:?\s*\[\[[^\]\n]+\]\]/;

/** A Reader of a `.xml` export, also compressed; a record is a page of any namespace. */
export function mediawikiReader(path: string, bytesTotal: number): Reader {
  return readerOf(path, bytesTotal, async function* (facts, { skip, signal }) {
    const site: ExportSite = { language: '', base: '', namespaces: new Set() };
    const wantsText = (page: ExportPage, ordinal: number) => ordinal > skip && isArticle(page, site);
    let ordinal = 0;
    for await (const page of exportPages(readBytes(path, facts, signal), site, { source: path, wantsText })) {
      ordinal += 1;
      const number = ordinal;
      facts.language ||= site.language;
      facts.site ||= siteOf(site.base);
      const timestamp = page.revision?.timestamp ?? '';
      if (timestamp > (facts.dumpDate ?? '')) facts.dumpDate = timestamp;
      yield { ordinal, article: () => articleOfPage(path, number, page, site) };
    }
  });
}

function articleOfPage(
  path: string,
  ordinal: number,
  page: ExportPage,
  site: ExportSite,
): Article | undefined {
  const { title, id, revision } = page;
  if (title === '') throw badRecord(`Page ${ordinal} of ${path} has no title.`);
  if (!isArticle(page, site) || revision === undefined) return undefined;
  if (!['', 'wikitext'].includes(revision.model) || REDIRECT.test(revision.text)) return undefined;
  try {
    return articleFromWikitext({
      id: id === '' ? String(ordinal) : id,
      title,
      ...(revision.id !== '' && { revision: revision.id }),
      url: pageUrl(site.base, title),
      language: site.language,
      wikitext: revision.text,
    });
  } catch (error) {
    if (isCoreError(error)) throw error;
    throw badRecord(
      `Page ${ordinal} (“${title.slice(0, 80)}”) of ${path} cannot be read as wikitext.`,
      error,
    );
  }
}

function isArticle({ title, namespace, redirect }: ExportPage, { namespaces }: ExportSite): boolean {
  if (redirect) return false;
  if (namespace !== '') return namespace === '0';
  // Exports before schema 0.6 give the namespace only in the title.
  const colon = title.indexOf(':');
  return colon < 0 || !namespaces.has(title.slice(0, colon));
}
