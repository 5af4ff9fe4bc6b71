/**
 * What was asked in chats lately, from the bots' records and verdicts. Reads beside bots that run, writes nothing, and leaves
 * out who asked. Knows the records' keys (`answer:ID`, see bots/state) and the fields it names below; nothing else of the bots.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRecords } from './store/records.ts';
import type { Answer } from './types.ts';

export type TrafficOutcome = 'answer' | 'compared' | 'not-found' | 'error' | 'stopped';

/** One question of a chat. */
export interface TrafficRow {
  id: string;
  /** ms since 1970. */
  at: number;
  platform: string;
  question: string;
  outcome: TrafficOutcome;
  failure?: string;
  verdict?: 'helpful' | 'not helpful';
  answer?: Answer;
  passages: { rank: number; score: number; title: string; section: string[]; text: string; url: string }[];
}

/** What is read of a stored answer; the rest of it is the bots' own. */
interface StoredAnswer {
  id: string;
  at: number;
  ask: { platform: string; text: string; about?: string };
  outcome: TrafficOutcome;
  failure?: string;
  answer?: Answer;
  compared?: [Answer, Answer];
  passages: TrafficRow['passages'];
}

const PAGE = 200;

/** The newest `most` questions, newest first; empty where no bots have run over this data folder. */
export async function readTraffic(data: string, most: number): Promise<TrafficRow[]> {
  const path = join(data, 'bots.sqlite');
  if (!existsSync(path)) return [];
  const verdicts = await readVerdicts(join(data, 'bots-feedback.jsonl'));
  const records = await openRecords(path);
  try {
    let newest: TrafficRow[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await records.list<StoredAnswer>('answer:', {
        limit: PAGE,
        ...(after !== undefined && { after }),
      });
      newest.push(...page.map(({ value }) => rowOf(value, verdicts)));
      // Keys are random, so every record is seen; only the newest are held.
      newest = newest.sort((a, b) => b.at - a.at).slice(0, most);
      if (page.length < PAGE) return newest;
      after = page.at(-1)?.key;
    }
  } finally {
    await records.close();
  }
}

function rowOf(stored: StoredAnswer, verdicts: Map<string, TrafficRow['verdict']>): TrafficRow {
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

/** The last verdict on each answer; a row's `qid` begins with the answer's id. */
async function readVerdicts(path: string): Promise<Map<string, TrafficRow['verdict']>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const verdicts = new Map<string, TrafficRow['verdict']>();
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    try {
      const { qid, verdict } = JSON.parse(line) as { qid: string; verdict: TrafficRow['verdict'] };
      verdicts.set(qid.slice(0, qid.lastIndexOf('-')), verdict);
    } catch {
      // A row that is being written; the next look reads it whole.
    }
  }
  return verdicts;
}
