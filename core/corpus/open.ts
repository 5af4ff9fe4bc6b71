/**
 * Knows which reader goes with which name: a file, a folder of files, or a data set on a hub.
 */
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { CoreError, toCoreError } from '../errors.ts';
import { hubDataset } from './hub-dataset.ts';
import type { HubAccess } from './hub-request.ts';
import { jsonlReader } from './jsonl.ts';
import { mediawikiReader } from './mediawiki.ts';
import { parquetFileReader } from './parquet.ts';
import type { Reader } from './reader.ts';
import { textFileReader } from './text-file.ts';

/** File kinds by the end of their name; Wikimedia's parts of a dump are called `…xml-p1p41242.bz2`. */
const KINDS: { name: RegExp; open: (path: string, bytes: number, inFolder: string) => Reader }[] = [
  { name: /\.xml(-p\d+p\d+)?(\.gz|\.bz2)?$/i, open: mediawikiReader },
  { name: /\.parquet$/i, open: parquetFileReader },
  { name: /\.jsonl(\.gz|\.bz2)?$/i, open: jsonlReader },
  { name: /\.txt$/i, open: textFileReader },
];
const KINDS_HINT =
  'Footnote reads .xml, .xml.bz2, .xml.gz, .parquet, .jsonl, .jsonl.bz2, .jsonl.gz and .txt.';

/** Whether a file of this name is of a kind that can be read. */
export function isSource(name: string): boolean {
  return KINDS.some((kind) => kind.name.test(name));
}

/**
 * The readers of a source, one per file, in reading order.
 * @param source a file, a folder (all files of known kinds in it and below, by name), or `hf:OWNER/NAME/CONFIG`
 * Throws `CoreError`: `not-found` for what is not there, `bad-input` for an unknown kind or a folder without a readable file,
 * `network` for a hub that refuses or stays silent.
 */
export async function openSource(source: string, hub: HubAccess, signal?: AbortSignal): Promise<Reader[]> {
  if (source.startsWith('hf:')) return hubDataset(source, hub, signal);
  const found = await statOf(source);
  if (found.isDirectory()) return openFolder(source);
  const reader = found.isFile() ? openFile(source, found.size, basename(source)) : undefined;
  if (reader === undefined)
    throw new CoreError('bad-input', `${source} is not a kind of file that Footnote reads.`, {
      hint: KINDS_HINT,
    });
  return [reader];
}

async function openFolder(folder: string): Promise<Reader[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw toCoreError(error);
  });
  const names = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => !name.split('/').some((part) => part.startsWith('.')))
    .sort((a, b) => (a < b ? -1 : 1));
  const readers: Reader[] = [];
  for (const name of names) {
    if (!isSource(name)) continue;
    const path = join(folder, name);
    const found = await statOf(path);
    const reader = found.isFile() ? openFile(path, found.size, name) : undefined;
    if (reader) readers.push(reader);
  }
  if (readers.length === 0)
    throw new CoreError('bad-input', `The folder ${folder} holds no file that Footnote reads.`, {
      hint: KINDS_HINT,
    });
  return readers;
}

function openFile(path: string, bytes: number, inFolder: string): Reader | undefined {
  return KINDS.find((kind) => kind.name.test(path))?.open(path, bytes, inFolder);
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw toCoreError(error);
    throw new CoreError('not-found', `There is no file or folder ${path}.`, {
      cause: error,
      hint: 'Name a file, a folder, or a data set as hf:OWNER/NAME/CONFIG.',
    });
  }
}
