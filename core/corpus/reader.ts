/**
 * The contract of a corpus reader. Siblings implement it, one a format; `test/contracts/reader.test.ts` runs over all.
 * A source is a sequence of records (pages, rows, lines or whole files); a record gives at most one article.
 */
import type { Article } from '../types.ts';

export interface ReadOptions {
  /** Records to pass over at the start: `records` of the last article that an interrupted build stored. */
  skip?: number;
  /** Count a broken record as skipped and go on, instead of failing at it. */
  skipBad?: boolean;
  signal?: AbortSignal | undefined;
}

/** An article and how far into its source it stands. */
export interface ReadArticle {
  article: Article;
  /** Records read up to this article and with it: the `skip` that goes on behind it. */
  records: number;
}

/** What the source tells of itself; filled in as far as reading has come. */
export interface SourceFacts {
  /** Address of the wiki, e.g. `https://en.wikipedia.org`; empty where unknown. */
  site: string;
  /** BCP 47 tag of the wiki; empty where unknown. */
  language: string;
  /** Newest revision date seen, ISO 8601. */
  dumpDate?: string;
  /** Records skipped under `skipBad`, those passed over by `skip` not counted. */
  skipped: number;
  /** Bytes read of the source as it lies on disk or server, and of how many: the measure of progress. */
  bytesRead: number;
  bytesTotal: number;
}

/**
 * A stream of articles, in the source's own order, the same at every reading.
 * Throws `CoreError('bad-input')` that names the file and the place (line, row, page) when the source is not what it should be;
 * articles before the bad place have been yielded by then.
 */
export interface Reader {
  /** Which file or address this is, for messages. */
  readonly source: string;
  /** Filled afresh by each call of `articles`. */
  readonly facts: SourceFacts;
  articles(options?: ReadOptions): AsyncIterable<ReadArticle>;
}
