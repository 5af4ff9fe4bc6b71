/**
 * Knows how a sequence of records becomes a Reader: skipped records, broken records, empty sources.
 * Knows no format; each format file supplies the records.
 */
import { CoreError, isCoreError, throwIfAborted, toCoreError } from '../errors.ts';
import type { Article } from '../types.ts';
import { siteOf } from './address.ts';
import type { ReadArticle, Reader, ReadOptions, SourceFacts } from './reader.ts';

/** Maximum bytes of one record, because a reader holds it in memory. */
export const MAX_RECORD_BYTES = 64 * 2 ** 20;

export interface SourceRecord {
  /** Place in the source, counted from 1. */
  ordinal: number;
  /**
   * Makes the article; only called for a record that is not skipped.
   * Undefined if the record has none (another namespace, a redirect, no prose). Throws {@link badRecord}.
   */
  article(): Article | undefined;
}

/** What a format needs to supply its records; `skip` is a hint: `article` of the first records will not be called. */
export interface RecordOptions {
  skip: number;
  signal: AbortSignal | undefined;
}

/** The error for one unreadable record of a source that is otherwise readable; counted, not thrown, under `skipBad`. */
export function badRecord(message: string, cause?: unknown): CoreError {
  return new CoreError('bad-input', message, {
    cause,
    hint: 'Repair that record, or run again with --skip-bad to skip broken records.',
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
      for await (const record of bytesTotal === 0 ? [] : records(facts, { skip, signal })) {
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
    if (seen === 0 && skip === 0) {
      if (!skipBad) throw emptySource(source);
      facts.skipped += 1;
    }
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
    hint: 'Check that its download or export was completed, or skip such files with --skip-bad.',
  });
}
