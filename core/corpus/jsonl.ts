/**
 * Knows JSON Lines: one article per line, fields `title` and `text`, optionally `id`, `url` and `language`.
 * Also reads the corpus of a BEIR set, whose id is called `_id` and replaces an empty title.
 */
import { z } from 'zod';
import type { Article } from '../types.ts';
import { languageOf } from './address.ts';
import { readBytes } from './decompress.ts';
import { articleFromText } from './plain-text.ts';
import type { Reader } from './reader.ts';
import { badRecord, MAX_RECORD_BYTES, readerOf } from './records.ts';

const lineSchema = z.preprocess(
  ofBeir,
  z.object({
    id: z.union([z.string(), z.number()]).optional(),
    title: z.string().min(1),
    text: z.string(),
    url: z.string().default(''),
    language: z.string().optional(),
  }),
);

/** A row with its BEIR fields (`_id`) renamed to ours. */
function ofBeir(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || !('_id' in row) || 'id' in row) return row;
  const { _id: id, title, ...rest } = row as Record<string, unknown>;
  return { ...rest, id, title: title === '' || title === undefined ? id : title };
}

/** A Reader of a `.jsonl` file, also compressed; a record is a line, including empty ones. */
export function jsonlReader(path: string, bytesTotal: number): Reader {
  return readerOf(path, bytesTotal, async function* (facts, { signal }) {
    let ordinal = 0;
    for await (const line of splitLines(readBytes(path, facts, signal))) {
      ordinal += 1;
      const number = ordinal;
      yield { ordinal, article: () => articleOfLine(path, number, line) };
    }
  });
}

/**
 * Lines without their line feed, as bytes, so that a broken one does not affect its neighbours.
 * Undefined in place of a line longer than `most` bytes.
 */
export async function* splitLines(
  stream: AsyncIterable<Uint8Array>,
  most = MAX_RECORD_BYTES,
): AsyncGenerator<Uint8Array | undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const keep = (part: Uint8Array) => {
    length += part.length;
    if (length > most) parts = [];
    else parts.push(part);
  };
  const take = () => {
    const line = length > most ? undefined : Buffer.concat(parts);
    parts = [];
    length = 0;
    return line;
  };
  for await (const bytes of stream) {
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      keep(bytes.subarray(start, end));
      yield take();
      start = end + 1;
    }
    if (start < bytes.length) keep(bytes.subarray(start));
  }
  if (length > 0) yield take();
}

function articleOfLine(path: string, number: number, line: Uint8Array | undefined): Article | undefined {
  const place = `Line ${number} of ${path}`;
  if (line === undefined) throw badRecord(`${place} is longer than ${MAX_RECORD_BYTES / 2 ** 20} MiB.`);
  let json: string;
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(line).trim();
  } catch (error) {
    throw badRecord(`${place} is not valid UTF-8.`, error);
  }
  if (json === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw badRecord(`${place} is not valid JSON.`, error);
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path[0];
    throw badRecord(
      field === undefined
        ? `${place} is not a JSON object with title and text.`
        : `${place} has no usable field ${JSON.stringify(field)}; expected title and text, and perhaps id, url, language.`,
    );
  }
  const { id = number, title, text, url, language = languageOf(url) } = parsed.data;
  return articleFromText({ id: String(id), title, url, language, text });
}
