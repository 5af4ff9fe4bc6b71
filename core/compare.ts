/**
 * Asks one question by several methods, side by side, as a stream of events. Knows the order of the work and which
 * method alone found what; search.ts and ask.ts do the searching and answering.
 */
import { ask } from './ask.ts';
import { CoreError, throwIfAborted, toWire, type WireError } from './errors.ts';
import { planOf } from './retrieve/methods.ts';
import { type Plan, printPlan } from './retrieve/plan.ts';
import { readQuestion, search } from './search.ts';
import type { Session } from './session.ts';
import type { Answer, AskEvent, ChunkId, Hit, RetrievalTimings } from './types.ts';

export interface CompareRequest {
  question: string;
  /** Two to four names or plans. */
  methods: string[];
  k?: number | undefined;
  /** Also write an answer from each method's passages. */
  answers?: boolean | undefined;
}

/** One method's results for the question. */
export interface MethodResult {
  method: string;
  plan: string;
  hits: Hit[];
  /** Chunks among `hits` that no other method has found; known at the end. */
  only: ChunkId[];
  retrieveMs: number;
  /** Present if only passages were asked for. */
  timings?: RetrievalTimings;
  answer?: Answer;
  warnings: string[];
  /** Why the method failed; the others still ran. */
  error?: WireError;
}

export interface SideBySide {
  question: string;
  build: string;
  /** In the requested order. */
  methods: MethodResult[];
  /** Chunks found by every method that did not fail. */
  shared: ChunkId[];
}

export type CompareEvent =
  | { type: 'compare-start'; question: string; build: string; methods: { method: string; plan: string }[] }
  | { type: 'method-start'; method: string }
  | { type: 'method-found'; method: string; hits: Hit[]; ms: number }
  /** The answer as it is written. */
  | { type: 'method-answer'; method: string; event: AskEvent }
  | { type: 'method-end'; result: MethodResult }
  | { type: 'compare-end'; result: SideBySide };

const FEWEST = 2;
const MOST = 4;

/**
 * Runs the methods one after the other, so that their times can be compared; one that fails has no hits but an error.
 * Throws `CoreError`: `usage` (wrong number of methods, unknown method), `bad-input` (empty question), `cancelled`.
 */
export async function* compare(
  session: Session,
  request: CompareRequest,
  signal?: AbortSignal,
): AsyncGenerator<CompareEvent, SideBySide> {
  const methods = [...new Set(request.methods)];
  if (methods.length < FEWEST || methods.length > MOST)
    throw new CoreError('usage', `A comparison takes ${FEWEST} to ${MOST} methods, not ${methods.length}.`, {
      hint: 'Separate them by commas: --methods dense,keyword,hybrid.',
    });
  const { question } = readQuestion(request.question);
  const k = request.k ?? session.settings.k;
  const plans = methods.map((method) => planOf(method, k));
  const planned = methods.map((method, index) => ({ method, plan: printPlan(plans[index] as Plan) }));
  const build = session.manifest.name;
  yield { type: 'compare-start', question, build, methods: planned };

  await startParts(session, plans);
  const results: MethodResult[] = [];
  for (const one of planned) {
    yield { type: 'method-start', method: one.method };
    const result = yield* run(session, one, { question, k, answers: request.answers === true }, signal);
    results.push(result);
    yield { type: 'method-end', result };
  }
  const result = { question, build, ...sideBySide(results) };
  yield { type: 'compare-end', result };
  return result;
}

/** Starts what the plans need before the first is timed; a part that does not start fails where it is used. */
async function startParts(session: Session, plans: Plan[]): Promise<void> {
  const isDense = plans.some(({ sources }) => sources.some(({ kind }) => kind === 'dense'));
  const reranks = plans.some(({ steps }) => steps.some(({ kind }) => kind === 'rerank'));
  await Promise.allSettled([
    session.chunks(),
    ...(isDense ? [session.embedder(), session.searcher()] : []),
    ...(reranks ? [session.reranker()] : []),
  ]);
}

async function* run(
  session: Session,
  { method, plan }: { method: string; plan: string },
  { question, k, answers }: { question: string; k: number; answers: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<CompareEvent, MethodResult> {
  const result: MethodResult = { method, plan, hits: [], only: [], retrieveMs: 0, warnings: [] };
  try {
    if (answers) {
      for await (const event of ask(session, { question, method, k }, signal)) {
        yield { type: 'method-answer', method, event };
        if (event.type === 'retrieve-end') {
          Object.assign(result, { hits: event.hits, retrieveMs: event.ms });
          yield { type: 'method-found', method, hits: event.hits, ms: event.ms };
        }
        if (event.type === 'answer-end') result.answer = event.answer;
      }
      result.warnings = result.answer?.warnings ?? [];
    } else {
      const { hits, timings, warnings } = await search(session, { question, method, k }, signal);
      Object.assign(result, { hits, timings, warnings, retrieveMs: timings.totalMs });
      yield { type: 'method-found', method, hits, ms: timings.totalMs };
    }
  } catch (error) {
    throwIfAborted(signal);
    result.error = toWire(error);
  }
  return result;
}

/** What only one method found, and what all found; a failed method does not count. */
export function sideBySide(results: MethodResult[]): Pick<SideBySide, 'methods' | 'shared'> {
  const finders = new Map<ChunkId, number>();
  for (const { hits } of results) for (const { id } of hits) finders.set(id, (finders.get(id) ?? 0) + 1);
  const ran = results.filter(({ error }) => error === undefined).length;
  return {
    methods: results.map((result) => ({
      ...result,
      only: result.hits.map(({ id }) => id).filter((id) => finders.get(id) === 1),
    })),
    shared: [...finders].filter(([, count]) => count === ran && ran > 1).map(([id]) => id),
  };
}
