/**
 * Knows the XML of a MediaWiki export (schema 0.3 to 0.11, https://www.mediawiki.org/wiki/Help:Export): bytes to pages.
 * Knows nothing about which pages are articles, or about wikitext.
 */
import { SaxesParser } from 'saxes';
import { CoreError } from '../errors.ts';
import { MAX_RECORD_BYTES } from './records.ts';

export interface ExportSite {
  /** `xml:lang` of the export; empty where it has none. */
  language: string;
  /** Address of the wiki's main page; empty where the export does not say. */
  base: string;
  /** Names of the namespaces other than 0, local or English, as the export lists them. */
  namespaces: Set<string>;
}

export interface ExportRevision {
  id: string;
  /** ISO 8601. */
  timestamp: string;
  /** Content model, empty in old exports. */
  model: string;
  text: string;
}

export interface ExportPage {
  title: string;
  id: string;
  /** As written; empty before schema 0.6. */
  namespace: string;
  redirect: boolean;
  /** The newest one. */
  revision: ExportRevision | undefined;
}

export interface ExportOptions {
  /** The file, for messages. */
  source: string;
  /** Whether a page's text is worth keeping; asked when its text begins. @param ordinal the page's place, from 1 */
  wantsText(page: ExportPage, ordinal: number): boolean;
}

const ROOT = 'mediawiki';
const PAGE = 'mediawiki/page';
const REVISION = 'mediawiki/page/revision';
const TEXT = 'mediawiki/page/revision/text';
const FIELDS = new Set([
  'mediawiki/siteinfo/base',
  'mediawiki/siteinfo/namespaces/namespace',
  `${PAGE}/title`,
  `${PAGE}/id`,
  `${PAGE}/ns`,
  `${REVISION}/id`,
  `${REVISION}/timestamp`,
  `${REVISION}/model`,
  TEXT,
]);

/**
 * Pages in the export's order. `site` is complete before the first page.
 * Throws `CoreError('bad-input')` for bytes that are not UTF-8, not well-formed, not an export, or end too early; whole
 * pages before that place have been yielded by then.
 */
export async function* exportPages(
  bytes: AsyncIterable<Uint8Array>,
  site: ExportSite,
  { source, wantsText }: ExportOptions,
): AsyncGenerator<ExportPage> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const parser = new SaxesParser();
  const path: string[] = [];
  let done: ExportPage[] = [];
  let page: ExportPage | undefined;
  let revision: ExportRevision | undefined;
  let field = '';
  let count = 0;
  let sinceTag = 0;
  let ended = false;

  const collect = (text: string) => {
    field += text;
  };
  const startCollecting = () => {
    parser.on('text', collect);
    parser.on('cdata', collect);
  };
  const stopCollecting = () => {
    parser.off('text');
    parser.off('cdata');
  };

  parser.on('opentag', ({ name, attributes }) => {
    sinceTag = 0;
    if (path.length === 0 && name !== ROOT) throw noExport(source, name);
    path.push(name);
    const at = path.join('/');
    if (at === ROOT) site.language = attributes['xml:lang'] ?? '';
    else if (at === PAGE) page = { title: '', id: '', namespace: '', redirect: false, revision: undefined };
    else if (at === `${PAGE}/redirect` && page) page.redirect = true;
    else if (at === REVISION) revision = { id: '', timestamp: '', model: '', text: '' };
    if (!FIELDS.has(at) || (at === TEXT && page && !wantsText(page, count + 1))) return;
    field = '';
    startCollecting();
  });
  parser.on('closetag', () => {
    sinceTag = 0;
    const at = path.join('/');
    path.pop();
    if (FIELDS.has(at)) {
      stopCollecting();
      keepField(at, field, site, page, revision);
      field = '';
    } else if (at === REVISION && page && revision) {
      if (page.revision === undefined || revision.timestamp >= page.revision.timestamp)
        page.revision = revision;
      revision = undefined;
    } else if (at === PAGE && page) {
      count += 1;
      done.push(page);
      page = undefined;
    } else if (at === ROOT) ended = true;
  });

  for await (const part of bytes) {
    let failure: unknown;
    try {
      sinceTag += part.length;
      parser.write(decoder.decode(part, { stream: true }));
      if (sinceTag > MAX_RECORD_BYTES)
        throw new CoreError(
          'bad-input',
          `${place(source, count + 1, page)} has an element longer than ${MAX_RECORD_BYTES / 2 ** 20} MiB.`,
          { hint: HINT },
        );
    } catch (error) {
      failure = explain(error, source, parser.line);
    }
    yield* done;
    done = [];
    if (failure !== undefined) throw failure;
  }
  if (!ended) throw cutShort(source, path.length > 0, count, page);
  try {
    decoder.decode();
    parser.close();
  } catch (error) {
    throw explain(error, source, parser.line);
  }
}

function keepField(
  at: string,
  value: string,
  site: ExportSite,
  page: ExportPage | undefined,
  revision: ExportRevision | undefined,
): void {
  const name = at.slice(at.lastIndexOf('/') + 1);
  if (name === 'base') site.base = value.trim();
  else if (name === 'namespace') {
    if (value !== '') site.namespaces.add(value);
  } else if (revision) revision[name as keyof ExportRevision] = name === 'text' ? value : value.trim();
  else if (page) page[name === 'ns' ? 'namespace' : (name as 'title' | 'id')] = value.trim();
}

const HINT =
  'Footnote reads MediaWiki XML exports, such as the pages-articles files of https://dumps.wikimedia.org; if it is one, download it again.';

function explain(error: unknown, source: string, line: number): CoreError {
  if (error instanceof CoreError) return error;
  if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return new CoreError('bad-input', `${source} is not valid UTF-8, somewhere behind line ${line}.`, {
      cause: error,
      hint: HINT,
    });
  const reason = (error as Error).message.replace(/^\d+:\d+: |\.$/g, '').slice(0, 200);
  return new CoreError('bad-input', `${source} is not well-formed XML at line ${line}: ${reason}.`, {
    cause: error,
    hint: HINT,
    details: { file: source, line },
  });
}

function noExport(source: string, root: string): CoreError {
  return new CoreError(
    'bad-input',
    `${source} is no MediaWiki export: its outermost element is <${root.slice(0, 40)}>, expected <${ROOT}>.`,
    { hint: HINT },
  );
}

function cutShort(source: string, rootOpen: boolean, count: number, page: ExportPage | undefined): CoreError {
  const where = page
    ? `in the middle of ${named(count + 1, page)}`
    : rootOpen
      ? `before </${ROOT}>, behind page ${count}`
      : `before its outermost element begins`;
  return new CoreError('bad-input', `${source} is cut short: it ends ${where}.`, {
    hint: 'Download it again and compare it with the checksum that is published beside it.',
  });
}

function place(source: string, ordinal: number, page: ExportPage | undefined): string {
  return page ? `${named(ordinal, page)} of ${source}` : source;
}

function named(ordinal: number, { title }: ExportPage): string {
  return title === '' ? `Page ${ordinal}` : `Page ${ordinal} (“${title.slice(0, 80)}”)`;
}
