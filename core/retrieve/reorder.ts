/**
 * Orders passages by what a cross-encoder reads in them. Knows logits and time; nothing about models, or how passages were found.
 */
import { passageText } from '../corpus/passage.ts';
import type { Reranker } from '../rerank/reranker.ts';
import type { Chunk, ChunkId, Scored } from '../types.ts';
import { bestParts } from './best-part.ts';
import { mixScores } from './fuse.ts';
import type { Rerank } from './plan.ts';

/** Of the time, for whole passages if parts are to be read after them: parts of the best gain more than further passages. */
const WHOLE_SHARE = 0.8;

export interface Reading {
  question: string;
  reranker: Reranker;
  /** Passages that are not here are left out. */
  chunks: Map<ChunkId, Chunk>;
  signal: AbortSignal | undefined;
}

export interface Reordered {
  ranked: Scored[];
  /** Of the passages that were read, each as a whole: what thresholds were chosen by. */
  logits: Map<ChunkId, number>;
}

export async function reorder(step: Rerank, ranked: Scored[], reading: Reading): Promise<Reordered> {
  const { depth, parts = 0, budgetMs = Infinity, share } = step;
  const { question, reranker, chunks, signal } = reading;
  const until = performance.now() + budgetMs;
  const first = ranked.slice(0, depth).filter(({ id }) => chunks.has(id));
  const there = [...first, ...ranked.slice(depth)];
  const passages = first.map(({ id }) => passageText(chunks.get(id) as Chunk));
  const wholeMs = parts > 0 ? budgetMs * WHOLE_SHARE : budgetMs;
  const logits = await reranker.score(question, passages, { budgetMs: wholeMs, signal });
  const read = first.slice(0, logits.length);
  const of = new Map(read.map(({ id }, index) => [id, logits[index] as number]));
  const once = mixScores(there, logits, share);
  if (parts === 0) return { ranked: once, logits: of };

  const best = once.slice(0, Math.min(parts, read.length));
  const raised = await readParts(best, reading, until - performance.now());
  const higher = read.map(({ id }, index) => Math.max(logits[index] as number, raised.get(id) ?? -Infinity));
  return { ranked: mixScores(there, Float32Array.from(higher), share), logits: of };
}

/** Logits of the best parts of the passages that are long enough to have one, as far as the time goes. */
async function readParts(
  best: Scored[],
  { question, reranker, chunks, signal }: Reading,
  budgetMs: number,
): Promise<Map<ChunkId, number>> {
  if (budgetMs <= 0) return new Map();
  const parts = bestParts(
    question,
    best.map(({ id }) => chunks.get(id) as Chunk),
  );
  if (parts.length === 0) return new Map();
  const logits = await reranker.score(
    question,
    parts.map(({ text }) => text),
    { budgetMs, signal },
  );
  return new Map(Array.from(logits, (logit, index) => [(parts[index] as (typeof parts)[number]).id, logit]));
}
