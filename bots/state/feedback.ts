/**
 * Verdicts on answers as rows of a question set (JSONL), so that the evaluation can use them. Knows the row format and
 * the file; stores no user id, but a pseudonym, so that a person's rows can be deleted.
 */
import { createReadStream, existsSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type VerdictRow, writeWhole } from '../../core/index.ts';
import type { PlatformName } from '../surface.ts';
import { pseudonym, type StoredAnswer } from './state.ts';

const REASON_CHARACTERS = 2_000;

export interface Verdict {
  helpful: boolean;
  /** What the person typed: what the answer should have said. */
  reason: string;
  platform: PlatformName;
  user: string;
}

export interface Feedback {
  add(answer: StoredAnswer, verdict: Verdict): Promise<void>;
  /** A user's rows as they stand in the file, oldest first. */
  rowsOf(platform: PlatformName, user: string): Promise<string[]>;
  /** Deletes a user's rows, and others' rows about the user's `answers`; returns how many there were. */
  forget(platform: PlatformName, user: string, answers: ReadonlySet<string>): Promise<number>;
}

/** The row: `question`, `answers`, `qid` and `gold_title` as question sets have them, and what was shown. */
export function feedbackRow(stored: StoredAnswer, { helpful, reason, platform, user }: Verdict): string {
  const said = reason.toWellFormed().trim().slice(0, REASON_CHARACTERS);
  const cited = (stored.answer?.citations ?? []).filter(({ supported }) => supported);
  const row: VerdictRow & Record<string, unknown> = {
    qid: `${stored.id}-${pseudonym(platform, user).slice(0, 6)}`,
    question: stored.searchedFor ?? stored.ask.text,
    answers: helpful ? cited.map(({ quote }) => quote) : said === '' ? [] : [said],
    ...(helpful && cited[0] !== undefined && { gold_title: cited[0].title }),
    verdict: helpful ? 'helpful' : 'not helpful',
    reason: said,
    method: stored.answer?.method ?? stored.ask.method ?? '',
    build: stored.answer?.build ?? '',
    generator: stored.answer?.generator ?? '',
    answer: stored.answer?.text ?? '',
    passages: stored.passages.map(({ title, section, text }) => ({ title, section, text })),
    asker: pseudonym(platform, user),
    at: new Date().toISOString(),
  };
  return JSON.stringify(row);
}

export function openFeedback(path: string): Feedback {
  // Writing and rewriting take turns, so that no row is lost between them.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    add: (answer, verdict) =>
      inTurn(async () => {
        await mkdir(dirname(path), { recursive: true });
        await appendFile(path, `${feedbackRow(answer, verdict)}\n`, { flush: true });
      }),
    rowsOf: (platform, user) =>
      inTurn(async () => {
        const rows: string[] = [];
        for await (const row of rowsIn(path)) if (row.includes(markOf(platform, user))) rows.push(row);
        return rows;
      }),
    forget: (platform, user, answers) =>
      inTurn(() =>
        rewriteWithout(path, (row) => row.includes(markOf(platform, user)) || answers.has(answerOf(row))),
      ),
  };
}

/** Text that every row of this user contains. */
function markOf(platform: PlatformName, user: string): string {
  return `"asker":"${pseudonym(platform, user)}"`;
}

/** Id of the answer that a row is about: its `qid` without the asker's part. */
function answerOf(row: string): string {
  return /^\{"qid":"([^"]*)-[^"-]*"/.exec(row)?.[1] ?? '';
}

async function* rowsIn(path: string): AsyncGenerator<string> {
  if (existsSync(path)) yield* createInterface({ input: createReadStream(path), crlfDelay: Infinity });
}

/** Rewrites the file without some of its rows; returns how many these were. */
async function rewriteWithout(path: string, isDropped: (row: string) => boolean): Promise<number> {
  let dropped = 0;
  async function* kept() {
    for await (const row of rowsIn(path))
      if (isDropped(row)) dropped += 1;
      else yield Buffer.from(`${row}\n`);
  }
  if (existsSync(path)) await writeWhole(path, kept());
  return dropped;
}
