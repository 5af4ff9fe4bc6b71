/**
 * Knows plain text files: one file is one article, its first line a heading or not.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Article } from '../types.ts';
import { articleFromText } from './plain-text.ts';
import type { Reader } from './reader.ts';
import { badRecord, MAX_RECORD_BYTES, readerOf } from './records.ts';

const HEADING_CHARACTERS = 100;

/** A Reader of a `.txt` file. @param name the file's path inside the given folder, used as the article's id */
export function textFileReader(path: string, bytesTotal: number, name: string): Reader {
  return readerOf(path, bytesTotal, async function* (facts, { signal }) {
    const bytes = bytesTotal > MAX_RECORD_BYTES ? undefined : await readFile(path, { signal });
    facts.bytesRead = bytesTotal;
    yield {
      ordinal: 1,
      article() {
        if (bytes !== undefined) return articleOfFile(path, name, bytes);
        throw badRecord(
          `${path} is longer than ${MAX_RECORD_BYTES / 2 ** 20} MiB, too long for one article.`,
        );
      },
    };
  });
}

function articleOfFile(path: string, name: string, bytes: Uint8Array): Article | undefined {
  let content: string;
  try {
    content = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw badRecord(`${path} is not valid UTF-8.`, error);
  }
  const { title, text } = splitHeading(content) ?? { title: readableName(path), text: content };
  return articleFromText({ id: name, title, url: '', language: '', text });
}

/** The heading that a text starts with and what follows; undefined where it starts with a paragraph. */
export function splitHeading(content: string): { title: string; text: string } | undefined {
  const trimmed = content.trimStart();
  const line = /^(.+?)\r?\n[^\S\n]*\r?\n/.exec(trimmed)?.[1];
  if (line === undefined) return undefined;
  const title = line.replace(/^#+\s+|^=+\s*|\s*=+\s*$/g, '').trim();
  const text = trimmed.slice(line.length).trim();
  const isHeading = title !== '' && title.length <= HEADING_CHARACTERS && !/[.!?:;,…。！？]$/.test(title);
  return isHeading && text !== '' ? { title, text } : undefined;
}

/** A file's name as a title: `abraham_lincoln.txt` becomes `Abraham lincoln`, as a wiki writes its titles. */
export function readableName(path: string): string {
  const stem = basename(path).replace(/\.[^.]*$/, '');
  const words = (/[_ ]/.test(stem) ? stem.replaceAll('_', ' ') : stem.replaceAll('-', ' ')).trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
