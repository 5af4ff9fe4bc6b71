/**
 * The step `rerank`: passages in the order of what a cross-encoder reads in them and in their best parts. Knows logits and time;
 * nothing about models, or how passages were found.
 */
import { passageText } from '../corpus/passage.ts';
import type { Reranker } from '../rerank/reranker.ts';
import type { Chunk, ChunkId, Scored } from '../types.ts';
import { bestPart } from './best-part.ts';
import { mixScores } from './fuse.ts';
import type { Rerank } from './plan.ts';

/** Of the time, for whole passages if parts are to be read after them: parts of the best gain more than further passages. */
const WHOLE_SHARE = 0.8;

export interface Reading {
  question: string;
  reranker: Reranker;
  /** Passages that are not here are left out. */
  chunks: Map<ChunkId, Chunk>;
  signal?: AbortSignal | undefined;
}

export interface Reranked {
  ranked: Scored[];
  /** Of the passages that were read, each as a whole: what thresholds were chosen by. */
  logits: Map<ChunkId, number>;
}

export async function rerank(step: Rerank, ranked: Scored[], reading: Reading): Promise<Reranked> {
  const { depth, parts = 0, budgetMs = Infinity, share } = step;
  const { question, reranker, chunks, signal } = reading;
  const until = performance.now() + budgetMs;
  const first = ranked.slice(0, depth).filter(({ id }) => chunks.has(id));
  const there = [...first, ...ranked.slice(depth)];
  const passages = first.map(({ id }) => passageText(chunks.get(id) as Chunk));
  const wholeMs = parts > 0 ? budgetMs * WHOLE_SHARE : budgetMs;
  const read = await reranker.score(question, passages, { budgetMs: wholeMs, signal });
  const logits = new Map(Array.from(read, (logit, index) => [(first[index] as Scored).id, logit]));
  const once = mixScores(there, read, share);
  if (parts === 0) return { ranked: once, logits };

  const best = once.slice(0, Math.min(parts, read.length));
  const again = await readParts(best, reading, until - performance.now());
  return { ranked: mixScores(there, higherLogits(logits, again), share), logits };
}

/** Logits of the best parts of the passages that are long enough to have one, as far as the time goes. */
export async function readParts(
  best: Scored[],
  { question, reranker, chunks, signal }: Reading,
  budgetMs = Infinity,
): Promise<Map<ChunkId, number>> {
  if (budgetMs <= 0) return new Map();
  const parts = best.flatMap(({ id }) => {
    const chunk = chunks.get(id) as Chunk;
    const text = bestPart(question, chunk.text, chunk.language);
    return text === undefined ? [] : [{ id, text: passageText({ ...chunk, text }) }];
  });
  if (parts.length === 0) return new Map();
  const texts = parts.map(({ text }) => text);
  const logits = await reranker.score(question, texts, { budgetMs, signal });
  return new Map(Array.from(logits, (logit, index) => [(parts[index] as (typeof parts)[number]).id, logit]));
}

/** The higher one of each passage's own logit and its best part's, in the order of `logits`. */
export function higherLogits(
  logits: Map<ChunkId, number>,
  parts: ReadonlyMap<ChunkId, number>,
): Float32Array {
  return Float32Array.from([...logits].map(([id, logit]) => Math.max(logit, parts.get(id) ?? -Infinity)));
}
