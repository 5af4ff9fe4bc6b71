/**
 * Events of long work in an append-only file, one JSON object on each line, so that other processes can follow it.
 * Knows lines and times; nothing about what an event means.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toCoreError } from '../errors.ts';

export interface Journal<Entry> {
  /** Appends one entry; entries keep the order of the calls. */
  write(entry: Entry): Promise<void>;
  close(): Promise<void>;
}

/** Opens the journal at `path` to append to it, or creates it. */
export async function openJournal<Entry>(path: string): Promise<Journal<Entry>> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a');
    // A kill may have cut the last line: this ends it, and readers skip what is not JSON.
    if ((await file.stat()).size > 0) await file.appendFile('\n');
    return {
      write: async (entry) => void (await file.appendFile(`${JSON.stringify(entry)}\n`)),
      close: () => file.close(),
    };
  } catch (error) {
    throw toCoreError(error);
  }
}

/** A position in a journal from which reading continues. */
export interface JournalReader<Entry> {
  /** Complete entries since the last call; none if nothing was added or there is no journal. */
  read(): Promise<Entry[]>;
}

/** In this many bytes at the end of a journal, every entry is read. */
const TAIL_BYTES = 256 * 1024;
const READ_BYTES = 1024 * 1024;

/**
 * Follows the journal at `path` from its beginning; a file that was replaced by a shorter one is read again.
 * @param passing whether a line can be left out if it is more than 256 KiB from the end, such as outdated progress
 */
export function followJournal<Entry>(
  path: string,
  passing: (line: string) => boolean = () => false,
): JournalReader<Entry> {
  let at = 0;
  let cut = '';
  let decoder = new TextDecoder();
  const parse = (line: string): Entry[] => {
    try {
      return line.trim() === '' ? [] : [JSON.parse(line) as Entry];
    } catch {
      return []; // cut by a kill
    }
  };
  return {
    async read() {
      const entries: Entry[] = [];
      let file: FileHandle;
      try {
        file = await open(path, 'r');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw toCoreError(error);
      }
      try {
        const { size } = await file.stat();
        if (size < at) {
          at = 0;
          cut = '';
          decoder = new TextDecoder();
        }
        while (at < size) {
          const buffer = Buffer.alloc(Math.min(READ_BYTES, size - at));
          const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
          if (bytesRead === 0) break;
          const history = at < size - TAIL_BYTES;
          at += bytesRead;
          const lines = (cut + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split('\n');
          cut = lines.pop() ?? '';
          for (const line of lines) if (!history || !passing(line)) entries.push(...parse(line));
        }
        return entries;
      } finally {
        await file.close();
      }
    },
  };
}
