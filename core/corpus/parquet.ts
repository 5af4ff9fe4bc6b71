/**
 * Knows Parquet files with the columns `title` and `text`, and optionally `id` and `url`, as in wikimedia/wikipedia.
 * Knows nothing about where the bytes lie: on disk or behind a server.
 */
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { CoreError, isCoreError, toCoreError } from '../errors.ts';
import type { Article } from '../types.ts';
import { languageOf } from './address.ts';
import { articleFromText } from './plain-text.ts';
import type { Reader, SourceFacts } from './reader.ts';
import { badRecord, type RecordOptions, readerOf, type SourceRecord } from './records.ts';

const COLUMNS = ['id', 'url', 'title', 'text'];
const NEEDED = ['title', 'text'];
/** Maximum uncompressed bytes of one row group: all its rows are held in memory together. */
const MAX_GROUP_BYTES = 512 * 2 ** 20;
/** First read of the footer; larger ones are read in a second step. */
const FOOTER_BYTES = 64 * 1024;

/** A Reader of a `.parquet` file on disk; a record is a row. */
export function parquetFileReader(path: string, bytesTotal: number): Reader {
  return parquetReader(path, bytesTotal, () => asyncBufferFromFile(path));
}

/**
 * A Reader of Parquet bytes.
 * @param open gives access to ranges of the bytes; called once per reading
 * @param dumpDate date of the dump that the rows are from, if known, ISO 8601
 */
export function parquetReader(
  source: string,
  bytesTotal: number,
  open: (signal: AbortSignal | undefined) => Promise<AsyncBuffer>,
  dumpDate?: string,
): Reader {
  return readerOf(source, bytesTotal, async function* (facts, options) {
    if (dumpDate !== undefined) facts.dumpDate = dumpDate;
    const file = await open(options.signal);
    const metadata = await readFooter(source, file);
    yield* rows(source, file, metadata, facts, options);
  });
}

async function* rows(
  source: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  facts: SourceFacts,
  { skip }: RecordOptions,
): AsyncGenerator<SourceRecord> {
  let rowStart = 0;
  let groupStart = 0;
  for (const [group, { num_rows, total_byte_size, columns }] of metadata.row_groups.entries()) {
    const rowEnd = rowStart + Number(num_rows);
    if (total_byte_size > MAX_GROUP_BYTES) throw largeGroup(source, group, total_byte_size);
    let read: Record<string, unknown>[] | undefined;
    let broken: CoreError | undefined;
    if (rowEnd > skip)
      try {
        read = await parquetReadObjects({
          file,
          metadata,
          rowStart,
          rowEnd,
          columns: COLUMNS.filter((name) => columnNames(metadata).includes(name)),
          compressors,
          parsers: { stringFromBytes },
        });
      } catch (error) {
        broken = brokenGroup(source, group, rowStart, rowEnd, error);
      }
    const groupEnd = Math.max(groupStart, endOf(columns));
    for (let row = rowStart; row < rowEnd; row += 1) {
      const ordinal = row + 1;
      facts.bytesRead = groupStart + ((ordinal - rowStart) / (rowEnd - rowStart)) * (groupEnd - groupStart);
      const value = read?.[row - rowStart];
      yield {
        ordinal,
        article: () => {
          if (broken) throw broken;
          return articleOfRow(source, ordinal, value ?? {});
        },
      };
    }
    rowStart = rowEnd;
    groupStart = groupEnd;
  }
}

async function readFooter(source: string, file: AsyncBuffer): Promise<FileMetaData> {
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES });
  } catch (error) {
    if (isCoreError(error) || (error as NodeJS.ErrnoException).syscall !== undefined)
      throw toCoreError(error);
    const [first, last] = await Promise.all([magic(file, 0), magic(file, file.byteLength - 4)]);
    const what =
      first !== 'PAR1'
        ? 'is no Parquet file: it does not begin with PAR1'
        : last !== 'PAR1'
          ? 'is cut short: it begins as a Parquet file but does not end with one’s footer'
          : 'is damaged: its Parquet footer cannot be read';
    throw new CoreError('bad-input', `${source} ${what}.`, {
      cause: error,
      hint: 'Download or write it again.',
    });
  }
  const names = columnNames(metadata);
  if (!NEEDED.every((name) => names.includes(name)))
    throw new CoreError(
      'bad-input',
      `${source} has the columns ${names.slice(0, 12).join(', ')}; expected id, url, title and text.`,
      { hint: 'Write it again with its columns renamed; id and url may be left out.' },
    );
  return metadata;
}

async function magic(file: AsyncBuffer, start: number): Promise<string> {
  const from = Math.max(start, 0);
  return Buffer.from(await file.slice(from, Math.min(from + 4, file.byteLength))).toString('latin1');
}

function columnNames({ schema }: FileMetaData): string[] {
  const columns: string[] = [];
  // The schema is a tree in prefix order: what is inside a group is skipped.
  for (let at = 1; at < schema.length; at += 1) {
    columns.push(schema[at]?.name ?? '');
    for (let inside = schema[at]?.num_children ?? 0; inside > 0; inside -= 1) {
      at += 1;
      inside += schema[at]?.num_children ?? 0;
    }
  }
  return columns;
}

function endOf(columns: FileMetaData['row_groups'][number]['columns']): number {
  const ends = columns.map(({ meta_data: column }) =>
    column
      ? Number((column.dictionary_page_offset ?? column.data_page_offset) + column.total_compressed_size)
      : 0,
  );
  return Math.max(...ends);
}

/** Undefined for bytes that are not UTF-8, so that one bad row does not affect its row group. */
function stringFromBytes(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes === null) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function articleOfRow(source: string, ordinal: number, row: Record<string, unknown>): Article | undefined {
  const { id, url, title, text } = row;
  if (typeof title !== 'string' || typeof text !== 'string' || title === '')
    throw badRecord(`Row ${ordinal} of ${source} has no valid UTF-8 text in its columns title and text.`);
  const address = typeof url === 'string' ? url : '';
  const named = typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint';
  return articleFromText({
    id: named ? String(id) : String(ordinal),
    title,
    url: address,
    language: languageOf(address),
    text,
  });
}

function brokenGroup(source: string, group: number, start: number, end: number, cause: unknown): CoreError {
  if (isCoreError(cause)) return cause;
  if ((cause as NodeJS.ErrnoException).syscall !== undefined) return toCoreError(cause);
  return badRecord(
    `Row group ${group + 1} of ${source} (rows ${start + 1} to ${end}) cannot be decoded.`,
    cause,
  );
}

function largeGroup(source: string, group: number, bytes: bigint): CoreError {
  return new CoreError(
    'bad-input',
    `Row group ${group + 1} of ${source} is ${bytes / 2n ** 20n} MiB large, more than the ${MAX_GROUP_BYTES / 2 ** 20} MiB that are read at once.`,
    { hint: 'Write the file again with smaller row groups, e.g. of 1,000 rows.' },
  );
}
