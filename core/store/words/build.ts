/**
 * Chunks to the word index: an external sort in bounded memory. Runs are files of their own, so that a killed build goes on
 * behind the last one; the index takes its name when it is whole. Knows the folder's layout; nothing about how chunks are kept.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { throwIfAborted, toCoreError } from '../../errors.ts';
import type { KeywordTokenizer } from '../../types.ts';
import { readWordsHeader } from './file.ts';
import { mergeRuns } from './merge.ts';
import { type Indexed, startRun } from './run.ts';
import { termReader } from './terms.ts';

export interface WordsRequest {
  /** The index file; its runs lie in the folder of the same name and `.runs`. */
  path: string;
  rows: number;
  tokenizer: KeywordTokenizer;
  /** Chunks of rows from..to-1. */
  range(from: number, to: number): Promise<Indexed[]>;
  signal?: AbortSignal | undefined;
  /** Postings of a run: 14 bytes each in memory. */
  runPostings?: number;
  windowBits?: number;
}

const RUN_POSTINGS = 8_000_000;
const BATCH_ROWS = 1_024;
const RUN_NAME = /^(\d{12})-(\d{12})\.run$/;

/** Makes the index unless it is there; yields how many rows are sorted. */
export async function* buildWords(request: WordsRequest): AsyncGenerator<number, void> {
  const { path, rows, tokenizer, range, signal, runPostings = RUN_POSTINGS, windowBits } = request;
  if (readWordsHeader(path)?.rows === rows) return yield rows;
  const folder = `${path}.runs`;
  const runs = wholeRuns(folder);
  const termsOf = termReader(tokenizer);
  let from = runs.at(-1)?.to ?? 0;
  yield from;
  let next = range(from, Math.min(rows, from + BATCH_ROWS));
  while (from < rows) {
    const run = startRun(from, termsOf, runPostings);
    let to = from;
    while (to < rows && !run.full) {
      throwIfAborted(signal);
      const chunks = await next;
      to += chunks.length;
      next = range(to, Math.min(rows, to + BATCH_ROWS));
      next.catch(() => undefined); // awaited later; until then its failure must not count as unhandled
      for (const chunk of chunks) run.add(chunk);
      yield to;
    }
    const file = join(folder, `${padded(from)}-${padded(to)}.run`);
    run.write(file);
    runs.push({ file, from, to });
    from = to;
  }
  for (const _ of mergeRuns(
    runs.map(({ file }) => file),
    rows,
    path,
    windowBits,
  )) {
    await breathe();
    throwIfAborted(signal);
  }
  rmSync(folder, { recursive: true, force: true });
}

interface RunFile {
  file: string;
  from: number;
  to: number;
}

/** The runs that follow each other from row 0 on. */
function wholeRuns(folder: string): RunFile[] {
  try {
    mkdirSync(folder, { recursive: true });
    const found = readdirSync(folder).flatMap((name): RunFile[] => {
      const [, from, to] = RUN_NAME.exec(name) ?? [];
      return from === undefined ? [] : [{ file: join(folder, name), from: Number(from), to: Number(to) }];
    });
    const runs: RunFile[] = [];
    for (const run of found.sort((a, b) => a.from - b.from))
      if (run.from === (runs.at(-1)?.to ?? 0)) runs.push(run);
    return runs;
  } catch (error) {
    throw toCoreError(error);
  }
}

const padded = (row: number) => String(row).padStart(12, '0');
