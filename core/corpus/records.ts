/**
 * Knows how a sequence of records becomes a Reader: what is passed over, what a broken record costs, what an empty source is.
 * Knows no format; each format file gives the records.
 */
import { CoreError, isCoreError, throwIfAborted, toCoreError } from '../errors.ts';
import type { Article } from '../types.ts';
import { siteOf } from './address.ts';
import type { ReadArticle, Reader, ReadOptions, SourceFacts } from './reader.ts';

/** Most bytes that one record may have, for a reader holds a record in memory. */
export const MAX_RECORD_BYTES = 64 * 2 ** 20;

export interface SourceRecord {
  /** Place in the source, counted from 1. */
  ordinal: number;
  /**
   * Makes the article, only called for a record that is not passed over.
   * Undefined where the record holds none (another namespace, a redirect, no prose). Throws {@link badRecord}.
   */
  article(): Article | undefined;
}

/** What a format needs to give its records; `skip` is a hint: the first records' `article` will not be called. */
export interface RecordOptions {
  skip: number;
  signal: AbortSignal | undefined;
}

/** The error of a record that cannot be read although its source goes on; counted instead of thrown under `skipBad`. */
export function badRecord(message: string, cause?: unknown): CoreError {
  return new CoreError('bad-input', message, {
    cause,
    hint: 'Mend that record, or run again with --skip-bad to pass over broken records.',
    details: { badRecord: true },
  });
}

/**
 * A Reader over the records of one source.
 * @param source the file or address, for messages
 * @param records the format: fills the facts as it reads, throws `CoreError('bad-input')` where it cannot go on
 */
export function readerOf(
  source: string,
  bytesTotal: number,
  records: (facts: SourceFacts, options: RecordOptions) => AsyncIterable<SourceRecord>,
): Reader {
  const blank = (): SourceFacts => ({ site: '', language: '', skipped: 0, bytesRead: 0, bytesTotal });

  async function* articles({
    skip = 0,
    skipBad = false,
    signal,
  }: ReadOptions = {}): AsyncGenerator<ReadArticle> {
    const facts = blank();
    reader.facts = facts;
    let seen = 0;
    try {
      throwIfAborted(signal);
      if (bytesTotal === 0) throw emptySource(source);
      for await (const record of records(facts, { skip, signal })) {
        throwIfAborted(signal);
        seen = record.ordinal;
        if (record.ordinal <= skip) continue;
        const article = articleOf(record, skipBad, facts);
        if (article === undefined) continue;
        facts.site ||= siteOf(article.url);
        facts.language ||= article.language;
        yield { article, records: record.ordinal };
      }
    } catch (error) {
      throwIfAborted(signal);
      throw toCoreError(error);
    }
    if (seen === 0 && skip === 0) throw emptySource(source);
    facts.bytesRead = bytesTotal;
  }

  const reader = { source, facts: blank(), articles };
  return reader;
}

function articleOf(record: SourceRecord, skipBad: boolean, facts: SourceFacts): Article | undefined {
  try {
    return record.article();
  } catch (error) {
    if (!skipBad || !isCoreError(error) || error.details.badRecord !== true) throw error;
    facts.skipped += 1;
    return undefined;
  }
}

function emptySource(source: string): CoreError {
  return new CoreError('bad-input', `${source} is empty: it holds not one article.`, {
    hint: 'Check that the download or the export of it came to its end.',
  });
}
