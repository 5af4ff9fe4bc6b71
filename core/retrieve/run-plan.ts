/**
 * The one interpreter of plans. Knows the order of steps; the work of each is done by the stage that offers it.
 */
import { isCoreError } from '../errors.ts';
import type { Reranker } from '../rerank/reranker.ts';
import type { Chunk, ChunkId, Hit, RetrievalTimings, Scored } from '../types.ts';
import { findCandidates, type SearchTools } from './candidates.ts';
import { diversify } from './diversify.ts';
import { blend, comparable, fuse } from './fuse.ts';
import { idsAround, withNeighbours } from './neighbours.ts';
import { type Plan, printSource, printStep, type Rerank, type Source, type Step } from './plan.ts';
import { rerank } from './rerank.ts';

/** What a plan may use; each is asked for only when a step needs it. */
export interface RetrievalTools extends SearchTools {
  /** Throws `model-missing` where there are no weights: the plan goes on without. */
  reranker(): Promise<Reranker>;
}

export interface RunOptions {
  nprobe?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Retrieved {
  hits: Hit[];
  timings: RetrievalTimings;
  /** What could not be done as the plan says, one sentence each. */
  warnings: string[];
}

/** Runs a plan for one question: hits, best first, each with its score at every step. */
export async function runPlan(
  plan: Plan,
  question: string,
  tools: RetrievalTools,
  { nprobe, signal }: RunOptions = {},
): Promise<Retrieved> {
  const started = performance.now();
  const timings = { rewriteMs: 0, embedMs: 0, searchMs: 0, rerankMs: 0, lookupMs: 0, totalMs: 0 };
  const warnings = new Set<string>();
  const trace = new Map<ChunkId, Record<string, number>>();
  const note = (step: string, list: Scored[]) => {
    for (const { id, score } of list) trace.set(id, { ...trace.get(id), [step]: score });
  };

  const reads = plan.steps.some(({ kind }) => kind === 'rerank');
  const reranker = reads ? tools.reranker() : undefined; // starts while the sources are searched
  reranker?.catch(() => undefined); // awaited by its step; until then its failure must not count as unhandled
  const lists = await findCandidates(plan.sources, { question, tools, nprobe, signal, timings, warnings });
  lists.forEach((list, index) => {
    note(printSource(plan.sources[index] as Source), list);
  });
  const run: Run = {
    sources: plan.sources,
    reranker,
    question,
    tools,
    signal,
    timings,
    warnings,
    known: new Map(),
    logits: new Map(),
  };
  let ranked = lists.length === 1 ? (lists[0] as Scored[]) : [];
  for (const step of plan.steps) {
    ranked = await apply(step, ranked, lists, run);
    if (SCORING.includes(step.kind)) note(printStep(step), ranked);
  }

  await look(
    ranked.map(({ id }) => id),
    run,
  );
  const hits = ranked.flatMap(({ id, score }) => {
    const chunk = run.known.get(id);
    const logit = run.logits.get(id);
    if (chunk === undefined) return [];
    return [{ id, score, scores: trace.get(id) ?? {}, ...(logit !== undefined && { logit }), chunk }];
  });
  timings.totalMs = performance.now() - started;
  return { hits: hits.map((hit, index) => ({ ...hit, rank: index + 1 })), timings, warnings: [...warnings] };
}

/** Steps that give new scores; the others only add, drop or move passages. */
const SCORING: Step['kind'][] = ['fuse', 'blend', 'rerank'];

interface Run {
  sources: Source[];
  /** Opened if the plan has a step for it. */
  reranker: Promise<Reranker> | undefined;
  question: string;
  tools: RetrievalTools;
  signal: AbortSignal | undefined;
  timings: RetrievalTimings;
  warnings: Set<string>;
  /** Chunks that a step has looked up. */
  known: Map<ChunkId, Chunk>;
  /** Logits of the passages that the cross-encoder has read whole. */
  logits: Map<ChunkId, number>;
}

async function apply(step: Step, ranked: Scored[], lists: Scored[][], run: Run): Promise<Scored[]> {
  switch (step.kind) {
    case 'fuse':
      return fuse(lists, step.weights);
    case 'blend':
      return blend(
        lists.map((list, index) => comparable(measureOf(run.sources[index] as Source), list)),
        step.weights,
      );
    case 'rerank':
      return read(step, ranked, run);
    case 'neighbours':
      await look(idsAround(ranked, step.reach), run);
      return withNeighbours(ranked, run.known, step.reach);
    case 'diverse':
      await look(
        ranked.map(({ id }) => id),
        run,
      );
      return diversify(ranked, run.known, step.perArticle);
    case 'top':
      return ranked.slice(0, step.k);
  }
}

/** What a source's scores measure; a source that searched for several texts has fused scores. */
function measureOf({ kind, text }: Source): 'cosine' | 'bm25' | 'other' {
  if (text !== undefined || kind === 'title') return 'other';
  return kind === 'dense' ? 'cosine' : 'bm25';
}

async function read(step: Rerank, ranked: Scored[], run: Run): Promise<Scored[]> {
  const { question, signal, timings, known } = run;
  if (ranked.length === 0) return ranked;
  const reranker = await rerankerOf(run);
  if (reranker === undefined) return ranked;
  await look(
    ranked.slice(0, step.depth).map(({ id }) => id),
    run,
  );
  const started = performance.now();
  const reranked = await rerank(step, ranked, { question, reranker, chunks: known, signal });
  timings.rerankMs += performance.now() - started;
  for (const [id, logit] of reranked.logits) run.logits.set(id, logit);
  return reranked.ranked;
}

/** The reranker; if it is missing, the plan goes on without it and a warning says why. */
async function rerankerOf({ reranker, warnings }: Run): Promise<Reranker | undefined> {
  try {
    return await reranker;
  } catch (error) {
    if (!isCoreError(error) || error.code !== 'model-missing') throw error;
    warnings.add(`${error.message} Passages are in the order of the search.`);
    return undefined;
  }
}

/** Looks up the chunks that no step has looked up yet. */
async function look(ids: ChunkId[], { tools, timings, known }: Run): Promise<void> {
  const wanted = ids.filter((id) => !known.has(id));
  if (wanted.length === 0) return;
  const started = performance.now();
  for (const chunk of await (await tools.chunks()).get(wanted)) known.set(chunk.id, chunk);
  timings.lookupMs += performance.now() - started;
}
