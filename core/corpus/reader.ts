/**
 * The contract of a corpus reader. Siblings implement it, one a format; `test/contracts/reader.test.ts` runs over all.
 */
import type { Article } from '../types.ts';

export interface ReadOptions {
  /** Articles to pass over at the start (those an interrupted build already stored); passed over as cheaply as the format allows. */
  skip?: number;
  /** Count a broken record as skipped and go on, instead of failing at it. */
  skipBad?: boolean;
  signal?: AbortSignal | undefined;
}

/** What the source tells of itself; filled in as far as reading has come. */
export interface SourceFacts {
  /** Address or name of the wiki, e.g. `https://en.wikipedia.org`; empty where unknown. */
  site: string;
  /** BCP 47 tag of the wiki; empty where unknown. */
  language: string;
  /** Newest revision date seen, ISO 8601. */
  dumpDate?: string;
  /** Records skipped under `skipBad`. */
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
  readonly facts: SourceFacts;
  articles(options?: ReadOptions): AsyncIterable<Article>;
}
