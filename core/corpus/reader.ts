/**
 * The contract of a corpus reader. Siblings implement it, one per format; `test/contracts/reader.test.ts` tests all.
 * A source is a sequence of records (pages, rows, lines or whole files); a record gives at most one article.
 */
import type { Article } from '../types.ts';

export interface ReadOptions {
  /** Records to skip at the start: `records` of the last article that an interrupted build stored. */
  skip?: number;
  /** Count a broken record as skipped and continue, instead of failing. */
  skipBad?: boolean;
  signal?: AbortSignal | undefined;
}

/** An article and its position in its source. */
export interface ReadArticle {
  article: Article;
  /** Records read up to and including this article: the `skip` with which to resume after it. */
  records: number;
}

/** What the source says about itself; filled in as reading proceeds. */
export interface SourceFacts {
  /** Address of the wiki, e.g. `https://en.wikipedia.org`; empty where unknown. */
  site: string;
  /** BCP 47 tag of the wiki; empty where unknown. */
  language: string;
  /** Newest revision date seen, ISO 8601. */
  dumpDate?: string;
  /** Records skipped under `skipBad`; those skipped by `skip` are not counted. */
  skipped: number;
  /** Bytes read of the source as stored on disk or server, and its size: the measure of progress. */
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
  /** Reset by each call of `articles`. */
  readonly facts: SourceFacts;
  articles(options?: ReadOptions): AsyncIterable<ReadArticle>;
}
