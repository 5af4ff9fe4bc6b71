/**
 * Recent questions from chats: the form in which bots keep them, and the newest read back. Can read while bots run,
 * writes nothing, and leaves out who asked. Knows the fields it needs; nothing about platforms or how bots answer.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRecords } from './store/records.ts';
import type { Answer } from './types.ts';

/** Where bots keep what they remember and, as rows of a question set (JSONL), the verdicts on their answers. */
export function trafficFiles(data: string): { records: string; verdicts: string } {
  return { records: join(data, 'bots.sqlite'), verdicts: join(data, 'bots-feedback.jsonl') };
}

/** A question whose outcome is known is recorded under the key `answer:ID`. */
export const ANSWER_KEY = 'answer';

/** One question from a chat and its outcome, as recorded. */
export interface AnsweredQuestion {
  id: string;
  /** ms since 1970. */
  at: number;
  ask: { platform: string; text: string; about?: string };
  outcome: 'answer' | 'compared' | 'not-found' | 'error' | 'stopped';
  /** The error's message. */
  failure?: string;
  answer?: Answer;
  compared?: [Answer, Answer];
  passages: { rank: number; score: number; title: string; section: string[]; text: string; url: string }[];
}

/** The fields that are read from a verdict's row. */
export interface VerdictRow {
  /** The answer's id, a hyphen, and a pseudonym of the person, without hyphens. */
  qid: string;
  verdict: 'helpful' | 'not helpful';
}

/** One question from a chat, as shown. */
export interface TrafficRow
  extends Pick<AnsweredQuestion, 'id' | 'at' | 'outcome' | 'failure' | 'answer' | 'passages'> {
  platform: string;
  question: string;
  verdict?: VerdictRow['verdict'];
}

type Verdicts = Map<string, VerdictRow['verdict']>;

const PAGE = 200;

/** The newest `most` questions, newest first; empty where no bots have run over this data folder. */
export async function readTraffic(data: string, most: number): Promise<TrafficRow[]> {
  const files = trafficFiles(data);
  if (!existsSync(files.records)) return [];
  const verdicts = await readVerdicts(files.verdicts);
  const records = await openRecords(files.records);
  try {
    let newest: TrafficRow[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await records.list<AnsweredQuestion>(`${ANSWER_KEY}:`, {
        limit: PAGE,
        ...(after !== undefined && { after }),
      });
      newest.push(...page.map(({ value }) => rowOf(value, verdicts)));
      // Keys are random, so every record is read; only the newest are held.
      newest = newest.sort((a, b) => b.at - a.at).slice(0, most);
      if (page.length < PAGE) return newest;
      after = page.at(-1)?.key;
    }
  } finally {
    await records.close();
  }
}

function rowOf(stored: AnsweredQuestion, verdicts: Verdicts): TrafficRow {
  const { id, at, ask, outcome, failure, passages } = stored;
  const answer = stored.answer ?? stored.compared?.[0];
  const verdict = verdicts.get(id);
  return {
    ...{ id, at, platform: ask.platform, question: ask.text.trim() || (ask.about ?? ''), outcome, passages },
    ...(failure !== undefined && { failure }),
    ...(answer !== undefined && { answer }),
    ...(verdict !== undefined && { verdict }),
  };
}

/** The last verdict on each answer. */
async function readVerdicts(path: string): Promise<Verdicts> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const verdicts: Verdicts = new Map();
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    try {
      const { qid, verdict } = JSON.parse(line) as VerdictRow;
      verdicts.set(qid.slice(0, qid.lastIndexOf('-')), verdict);
    } catch {
      // A row that is still being written; the next call reads it whole.
    }
  }
  return verdicts;
}
