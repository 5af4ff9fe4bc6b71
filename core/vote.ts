/**
 * A person's choice between methods, kept as a row of a question set (JSONL) in the data folder: `footnote evaluate --set DATA/votes.jsonl`.
 * Knows the row's form and the file; not who voted.
 */
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MethodResult, SideBySide } from './compare.ts';
import { toCoreError } from './errors.ts';
import type { ChunkId } from './types.ts';

export interface Vote {
  compared: SideBySide;
  /** The method that did best; undefined if none was useful. */
  winner: string | undefined;
  /** The passage with the answer; by default what the winner's answer quotes, else its first passage. */
  passage?: ChunkId | undefined;
}

/** Path of the file of votes. */
export function votesFile(data: string): string {
  return join(data, 'votes.jsonl');
}

/** Appends the vote; it counts the text of the winner's quotes or passage as right, in their article. */
export async function recordVote(data: string, vote: Vote): Promise<void> {
  try {
    await mkdir(data, { recursive: true });
    await appendFile(votesFile(data), `${JSON.stringify(voteRow(vote))}\n`, { flush: true });
  } catch (error) {
    throw toCoreError(error);
  }
}

export function voteRow({ compared, winner, passage }: Vote): Record<string, unknown> {
  const { question, build, methods } = compared;
  const best = methods.find(({ method }) => method === winner);
  const { answers, title } = evidence(best, passage);
  return {
    qid: `vote-${randomUUID()}`,
    question,
    answers,
    ...(title !== undefined && { gold_title: title }),
    vote: winner ?? null,
    methods: methods.map(({ method }) => method),
    build,
    at: new Date().toISOString(),
  };
}

function evidence(
  best: MethodResult | undefined,
  passage: ChunkId | undefined,
): { answers: string[]; title?: string } {
  const cited = passage === undefined ? (best?.answer?.citations ?? []) : [];
  const supported = cited.filter((citation) => citation.supported);
  if (supported[0] !== undefined)
    return {
      answers: supported.filter(({ title }) => title === supported[0]?.title).map(({ quote }) => quote),
      title: supported[0].title,
    };
  const hit = passage === undefined ? best?.hits[0] : best?.hits.find(({ id }) => id === passage);
  return hit === undefined ? { answers: [] } : { answers: [hit.chunk.text], title: hit.chunk.title };
}
