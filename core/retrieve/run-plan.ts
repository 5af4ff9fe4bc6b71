/**
 * The one interpreter of plans. Knows the order of steps; the work of each is done by the stage that offers it.
 */
import type { Embedder } from '../embed/embedder.ts';
import type { Searcher } from '../index/searcher.ts';
import type { ChunkReader } from '../store/chunk-store.ts';
import type { Hit, Scored } from '../types.ts';
import { fuse } from './fuse.ts';
import { type Plan, printSource, printStep, type Source, type Step } from './plan.ts';

/** What a plan may use; each is asked for only when a step needs it. */
export interface RetrievalTools {
  embedder(): Promise<Embedder>;
  searcher(): Promise<Searcher>;
  chunks(): Promise<ChunkReader>;
}

export interface RetrievalTimings {
  embedMs: number;
  searchMs: number;
  lookupMs: number;
  totalMs: number;
}

export interface RunOptions {
  nprobe?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Runs a plan for one question: hits, best first, each with its score at every step. */
export async function runPlan(
  plan: Plan,
  question: string,
  tools: RetrievalTools,
  options: RunOptions = {},
): Promise<{ hits: Hit[]; timings: RetrievalTimings }> {
  const started = performance.now();
  const timings: RetrievalTimings = { embedMs: 0, searchMs: 0, lookupMs: 0, totalMs: 0 };
  const trace = new Map<number, Record<string, number>>();
  const note = (step: string, list: Scored[]) => {
    for (const { id, score } of list) trace.set(id, { ...trace.get(id), [step]: score });
  };

  const lists = await Promise.all(
    plan.sources.map((source) => candidates(source, question, tools, options, timings)),
  );
  lists.forEach((list, index) => {
    note(printSource(plan.sources[index] as Source), list);
  });
  let ranked = lists.length === 1 ? (lists[0] as Scored[]) : [];
  for (const step of plan.steps) {
    ranked = apply(step, ranked, lists);
    note(printStep(step), step.kind === 'top' ? [] : ranked);
  }

  const lookup = performance.now();
  const chunks = await (await tools.chunks()).get(ranked.map(({ id }) => id));
  timings.lookupMs = performance.now() - lookup;
  const byId = new Map(chunks.map((chunk) => [chunk.id, chunk]));
  const hits = ranked.flatMap(({ id, score }) => {
    const chunk = byId.get(id);
    return chunk === undefined ? [] : [{ id, score, scores: trace.get(id) ?? {}, chunk }];
  });
  timings.totalMs = performance.now() - started;
  return { hits: hits.map((hit, index) => ({ ...hit, rank: index + 1 })), timings };
}

function apply(step: Step, ranked: Scored[], lists: Scored[][]): Scored[] {
  if (step.kind === 'fuse') return fuse(lists, step.weights);
  return ranked.slice(0, step.k);
}

async function candidates(
  source: Source,
  question: string,
  tools: RetrievalTools,
  { nprobe, signal }: RunOptions,
  timings: RetrievalTimings,
): Promise<Scored[]> {
  if (source.kind === 'keyword') {
    const chunks = await tools.chunks();
    const started = performance.now();
    const found = await chunks.keyword(question, source.depth, { signal });
    timings.searchMs = Math.max(timings.searchMs, performance.now() - started);
    return found;
  }
  const [embedder, searcher] = await Promise.all([tools.embedder(), tools.searcher()]);
  const started = performance.now();
  const vector = await embedder.embed([question], 'query', { signal });
  const embedded = performance.now();
  const [found = []] = await searcher.search(vector, { k: source.depth, nprobe, signal });
  timings.embedMs = embedded - started;
  timings.searchMs = Math.max(timings.searchMs, performance.now() - embedded);
  return found;
}
