/**
 * Builds the word index from chunks: an external sort in bounded memory. Each run is a file, so a killed build resumes
 * after the last one; the index gets its name when complete. Knows the folder's layout; not how chunks are stored.
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
  /** The index file; its runs are in the folder of the same name with `.runs` appended. */
  path: string;
  rows: number;
  tokenizer: KeywordTokenizer;
  /** Chunks of rows from..to-1. */
  range(from: number, to: number): Promise<Indexed[]>;
  signal?: AbortSignal | undefined;
  /** Postings in a run; each takes 14 bytes of memory. */
  runPostings?: number;
  windowBits?: number;
}

const RUN_POSTINGS = 8_000_000;
const BATCH_ROWS = 1_024;
const RUN_NAME = /^(\d{12})-(\d{12})\.run$/;

/** Makes the index unless it exists; yields how many rows are sorted. */
export async function* buildWords(request: WordsRequest): AsyncGenerator<number, void> {
  const { path, rows, tokenizer, range, signal, runPostings = RUN_POSTINGS, windowBits } = request;
  if (readWordsHeader(path)?.rows === rows) return yield rows;
  const folder = `${path}.runs`;
  const runs = wholeRuns(folder);
  const termsOf = termReader(tokenizer);
  let from = runs.at(-1)?.to ?? 0;
  yield from;
  let run = startRun(from, termsOf, runPostings);
  const finishRun = (to: number) => {
    const file = join(folder, `${padded(from)}-${padded(to)}.run`);
    run.write(file);
    runs.push({ file, from, to });
    from = to;
  };
  let next = range(from, Math.min(rows, from + BATCH_ROWS));
  for (let to = from; to < rows; ) {
    throwIfAborted(signal);
    const chunks = await next;
    const behind = to + chunks.length;
    next = range(behind, Math.min(rows, behind + BATCH_ROWS));
    next.catch(() => undefined); // awaited later; until then its failure must not count as unhandled
    for (const chunk of chunks) {
      if (run.full) {
        finishRun(to);
        run = startRun(to, termsOf, runPostings);
      }
      run.add(chunk);
      to += 1;
    }
    yield to;
  }
  if (from < rows) finishRun(rows);
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

/** The runs that cover the rows from 0 on without a gap. */
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
