/**
 * The text of a question set's file, all of it in memory, decompressed if its name ends in `.gz`.
 * Knows bytes, JSON and lines; nothing about what they mean.
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CoreError, toCoreError } from '../errors.ts';

export interface SetFile {
  path: string;
  /** As on disk, for the checksum. */
  bytes: Uint8Array;
  text: string;
}

/** Most bytes after decompression: larger than any published question set, small enough for memory. */
const LARGEST_BYTES = 256 * 2 ** 20;

/** Throws `CoreError`: `not-found`; `bad-input` for broken gzip, gzip of more than 256 MiB, or text not in UTF-8. */
export async function readSetFile(path: string): Promise<SetFile> {
  const bytes = await readFile(path).catch((error) => {
    if (error.code !== 'ENOENT') throw toCoreError(error);
    throw new CoreError('not-found', `There is no question set ${path}.`, {
      cause: error,
      hint: 'Name a JSONL file, a BEIR folder, a SQuAD file, or "probes".',
    });
  });
  const plain = /\.gz$/i.test(path) ? await decompressed(path, bytes) : bytes;
  try {
    return { path, bytes, text: new TextDecoder('utf-8', { fatal: true }).decode(plain) };
  } catch (cause) {
    throw new CoreError('bad-input', `${path} is not valid UTF-8.`, { cause, hint: FORMS });
  }
}

async function decompressed(path: string, bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: LARGEST_BYTES });
  } catch (cause) {
    const tooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new CoreError(
      'bad-input',
      tooLarge
        ? `${path} holds more than ${LARGEST_BYTES / 2 ** 20} MiB, too much for a question set.`
        : `${path} is not whole gzip data, although its name ends in .gz.`,
      { cause, hint: tooLarge ? 'Split it into several files.' : 'Download it again.' },
    );
  }
}

export const FORMS =
  'A question set is JSONL with `question` and `answers`, a BEIR folder, or a SQuAD file: see `footnote evaluate --help`.';

/** The objects of a JSON Lines file with their line numbers; empty lines are skipped. */
export function* jsonLines({
  path,
  text,
}: SetFile): Generator<{ line: number; row: Record<string, unknown> }> {
  let line = 0;
  for (const piece of text.split('\n')) {
    line += 1;
    if (piece.trim() === '') continue;
    yield { line, row: objectOf(piece, `Line ${line} of ${path}`) };
  }
}

/** A JSON object. Throws `CoreError('bad-input')`, whose message begins with `place`. */
export function objectOf(text: string, place: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CoreError('bad-input', `${place} is not valid JSON.`, { cause, hint: FORMS });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CoreError('bad-input', `${place} is not a JSON object.`, { hint: FORMS });
  return value as Record<string, unknown>;
}
