/**
 * question set x methods -> quality with intervals, latency, cost: as a stream of events. Knows the order of the work; `evaluate/` knows
 * formats, measures and statistics. A method is given the question's text and nothing else of its row.
 */
import { CoreError, throwIfAborted } from './errors.ts';
import { type Cache, openCache } from './evaluate/cache.ts';
import type { EvaluateEvent, EvaluateRequest, Evaluation, RankedRow } from './evaluate/evaluation.ts';
import { rightPassages } from './evaluate/judge.ts';
import { peakMemory } from './evaluate/memory.ts';
import type { Question } from './evaluate/question.ts';
import { readQuestionSet } from './evaluate/read-set.ts';
import { clusterOf, compareMethods, type Measured, measured, summarize } from './evaluate/summary.ts';
import { seededRandom } from './index/random.ts';
import { planOf } from './retrieve/methods.ts';
import { printPlan } from './retrieve/plan.ts';
import { type SearchResult, search } from './search.ts';
import type { Session } from './session.ts';

const DEPTH = 100;
const SEED = 1;
/** Asked once before a method is timed, so that no question pays for starting a process. */
const WARM_UP = 'What is the capital of the country with the longest coast?';

/**
 * Asks every question of the set by every method, at most once over all runs: rows are kept in the data folder.
 * Throws `CoreError`: `usage` (a method, `where`), `not-found` and `bad-input` (the set), `cancelled`; what was asked stays kept.
 */
export async function* evaluate(
  session: Session,
  request: EvaluateRequest,
  signal?: AbortSignal,
): AsyncGenerator<EvaluateEvent, Evaluation> {
  const { settings, manifest } = session;
  const depth = request.depth ?? DEPTH;
  const methods = request.methods?.length ? [...new Set(request.methods)] : [settings.method];
  const plans = methods.map((method) => printPlan(planOf(method, depth)));
  const set = await readQuestionSet(request.sets, { where: request.where, limit: request.limit });
  const { questions, rows, leftOut } = set;
  if (questions.length === 0)
    throw new CoreError('bad-input', `${set.name} has no question that can be answered.`, {
      hint: 'Unanswerable ones are asked with --answers.',
    });
  const facts = { set: set.name, build: manifest.name, questions: questions.length, rows, leftOut };
  yield { type: 'evaluate-start', ...facts, methods };

  const asked: { method: string; asked: Measured[] }[] = [];
  const summaries: Evaluation['methods'] = [];
  for (const [index, method] of methods.entries()) {
    const plan = plans[index] as string;
    const cache = await openCache<RankedRow>(settings.data, {
      kind: 'search',
      build: manifest.name,
      builtAt: manifest.createdAt,
      model: manifest.model.checksum,
      set: set.checksum,
      plan,
      depth,
      nprobe: settings.nprobe ?? manifest.index.nprobe,
    });
    try {
      yield* askAll(session, { method, plan, depth, questions, cache }, signal);
    } finally {
      await cache.close();
    }
    const mine = measured(questions, cache.rows);
    asked.push({ method, asked: mine });
    const summary = { method, plan, ...summarize(mine, randoms), cache: cache.path };
    summaries.push(summary);
    yield { type: 'method-end', summary };
  }
  return {
    ...facts,
    model: manifest.model.name,
    chunks: manifest.chunks,
    depth,
    titles: new Set(questions.map(clusterOf)).size,
    unanswerable: set.unanswerable.length,
    where: request.where ?? '',
    methods: summaries,
    comparisons: compareMethods(asked, randoms),
    peakMemoryBytes: await peakMemory(),
    at: new Date().toISOString(),
  };
}

interface Asking {
  method: string;
  plan: string;
  depth: number;
  questions: Question[];
  cache: Cache<RankedRow>;
}

/** Asks what the cache does not hold, one question at a time, since each is timed. */
async function* askAll(
  session: Session,
  { method, plan, depth, questions, cache }: Asking,
  signal: AbortSignal | undefined,
): AsyncGenerator<EvaluateEvent> {
  const left = questions.filter(({ qid }) => !cache.rows.has(qid));
  const total = questions.length;
  yield { type: 'method-start', method, plan, questions: total, known: total - left.length };
  if (left.length > 0) await search(session, { question: WARM_UP, method, k: depth }, signal);
  for (const [index, question] of left.entries()) {
    throwIfAborted(signal);
    const found = await search(session, { question: question.question, method, k: depth }, signal);
    await cache.add(rowOf(question, found));
    yield {
      type: 'method-progress',
      method,
      done: total - left.length + index + 1,
      total,
      unit: 'questions',
    };
  }
}

function rowOf(question: Question, { hits, timings }: SearchResult): RankedRow {
  const names = [...new Set(hits.flatMap(({ scores }) => Object.keys(scores)))];
  const steps = names.map((name) => [
    name,
    hits.map(({ scores }) => (scores[name] === undefined ? null : rounded(scores[name]))),
  ]);
  return {
    qid: question.qid,
    ids: hits.map(({ id }) => id),
    steps: Object.fromEntries(steps),
    right: rightPassages(
      question,
      hits.map(({ chunk }) => chunk),
    ),
    ms: {
      embed: rounded(timings.embedMs),
      search: rounded(timings.searchMs),
      lookup: rounded(timings.lookupMs),
      total: rounded(timings.totalMs),
    },
  };
}

/** Seven digits are more than a score's worth, and keep a row small. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

function randoms() {
  return seededRandom(SEED);
}
