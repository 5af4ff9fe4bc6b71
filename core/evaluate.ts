/**
 * question set x methods -> quality with intervals, latency, cost: as a stream of events. Knows the order of the work; `evaluate/` knows
 * formats, measures and statistics. A method is given the question's text and nothing else of its row.
 */
import { cpus, totalmem } from 'node:os';
import { EXTRACTIVE } from './answer/compose.ts';
import { JUDGE_VERSION } from './answer/support.ts';
import { CoreError } from './errors.ts';
import { summarizeAnswers } from './evaluate/answer-summary.ts';
import { askAll } from './evaluate/ask-all.ts';
import { openCache } from './evaluate/cache.ts';
import type {
  AnsweredRow,
  AnswerSummary,
  EvaluateEvent,
  EvaluateRequest,
  Evaluation,
  MethodSummary,
  RankedRow,
} from './evaluate/evaluation.ts';
import { rightPassages } from './evaluate/judge.ts';
import { peakMemory } from './evaluate/memory.ts';
import type { Question, QuestionSet } from './evaluate/question.ts';
import { readQuestionSet } from './evaluate/read-set.ts';
import { stratifiedSample } from './evaluate/sample.ts';
import { clusterOf, differencesOf, type Measured, measured, summarize } from './evaluate/summary.ts';
import { answerRow } from './evaluate-answers.ts';
import { PROMPTS } from './generate/prompts.ts';
import { seededRandom } from './index/train/random.ts';
import { installedReranker } from './models/for-build.ts';
import { planOf } from './retrieve/methods.ts';
import { type Plan, printPlan } from './retrieve/plan.ts';
import { type SearchResult, search } from './search.ts';
import type { Session } from './session.ts';

const DEPTH = 100;
/** As many questions as a language model on two cores answers in an evening. */
const SAMPLE = 150;
const SEED = 1;
const WARM_UP = 'What is the capital of the country with the longest coast?';

/** The evaluation, and each question as each method ranked it, for a report. */
export interface EvaluatedSet {
  evaluation: Evaluation;
  asked: { method: string; asked: Measured[] }[];
}

/**
 * Asks every question of the set by every method; rows are kept in the data folder, so a later run asks only the rest.
 * Throws `CoreError`: `usage` (a method, `where`), `not-found` and `bad-input` (the set), `cancelled`; rows stay kept.
 */
export async function* evaluate(
  session: Session,
  request: EvaluateRequest,
  signal?: AbortSignal,
): AsyncGenerator<EvaluateEvent, EvaluatedSet> {
  const { settings, manifest } = session;
  const run: Run = {
    ...{ session, signal, isFresh: true },
    depth: request.depth ?? DEPTH,
    sample: request.sample ?? SAMPLE,
    set: await readQuestionSet(request.sets, request),
  };
  const methods = request.methods?.length ? [...new Set(request.methods)] : [settings.method];
  for (const method of methods) planOf(method); // an unknown one fails before anything is asked
  const { name, questions, unanswerable, rows, leftOut } = run.set;
  if (questions.length === 0)
    throw new CoreError('bad-input', `${name} has no question that can be answered.`, {
      hint: 'Add a question set that has some; with --answers, unanswerable questions are asked in addition.',
    });
  const facts = {
    ...{ set: name, build: manifest.name, rows, leftOut },
    ...{ questions: questions.length, unanswerable: unanswerable.length },
  };
  yield { type: 'evaluate-start', ...facts, methods };

  const asked: EvaluatedSet['asked'] = [];
  const summaries: MethodSummary[] = [];
  for (const method of methods) {
    const one = yield* rankAll(run, method);
    asked.push({ method, asked: one.asked });
    const answers = request.answers ? yield* answerAll(run, method) : undefined;
    const summary = { ...one.summary, ...(answers !== undefined && { answers }) };
    summaries.push(summary);
    yield { type: 'method-end', summary };
  }
  const evaluation = {
    ...facts,
    ...{ model: manifest.model.name, articles: manifest.articles, chunks: manifest.chunks },
    depth: run.depth,
    titles: new Set(questions.map(clusterOf)).size,
    where: request.where ?? '',
    methods: summaries,
    differences: differencesOf(asked, randoms),
    ...(run.isFresh && { peakMemoryBytes: await peakMemory() }),
    machine: `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
    at: new Date().toISOString(),
  };
  return { evaluation, asked };
}

interface Run {
  session: Session;
  set: QuestionSet;
  depth: number;
  sample: number;
  signal: AbortSignal | undefined;
  /** False once all rows of a method came from earlier runs: this process’s peak memory then misses that method’s. */
  isFresh: boolean;
}

/** Ranks the passages of every question by one method. */
async function* rankAll(
  run: Run,
  method: string,
): AsyncGenerator<EvaluateEvent, { summary: MethodSummary; asked: Measured[] }> {
  const { session, depth, signal } = run;
  const plan = planOf(method, depth);
  const printed = printPlan(plan);
  const questions = rewrites(plan) ? stratifiedSample(run.set.questions, run.sample) : run.set.questions;
  const key = { ...(await keyOf(run, plan)), kind: 'passages', depth };
  const cache = await openCache<RankedRow>(session.settings.data, key);
  try {
    const ask = (question: string) => search(session, { question, method, k: depth }, signal);
    const known = yield* askAll(
      {
        ...{ method, plan: printed, part: 'passages', questions, cache },
        warmUp: () => ask(WARM_UP),
        retries: true,
        ask: async (question) => rankedRow(question, await ask(question.question)),
      },
      signal,
    );
    if (known === questions.length) run.isFresh = false;
  } finally {
    await cache.close();
  }
  const asked = measured(questions, cache.rows);
  const sampled = questions.length < run.set.questions.length;
  const about = { method, plan: printed, sampled, cache: cache.path };
  return { summary: { ...about, ...summarize(asked, randoms) }, asked };
}

/** Answers the questions by one method, including those without an answer. */
async function* answerAll(run: Run, method: string): AsyncGenerator<EvaluateEvent, AnswerSummary> {
  const { session, set, sample, signal } = run;
  const { k, data, contextTokens, maxAnswerTokens, temperature } = session.settings;
  const plan = planOf(method, k);
  const printed = printPlan(plan);
  const generator = (await session.generator())?.name ?? EXTRACTIVE;
  const isSlow = generator !== EXTRACTIVE || rewrites(plan);
  const some = (list: Question[]) => (isSlow ? stratifiedSample(list, sample) : list);
  const questions = [...some(set.questions), ...some(set.unanswerable)];
  const key = {
    ...(await keyOf(run, plan)),
    ...{ kind: 'answers', answeredBy: generator, contextTokens, maxAnswerTokens, temperature },
    ...{ prompts: PROMPTS, judge: JUDGE_VERSION },
  };
  const cache = await openCache<AnsweredRow>(data, key);
  try {
    const ask = (question: Question) => answerRow(session, method, question, signal);
    yield* askAll(
      {
        ...{ method, plan: printed, part: 'answers', questions, cache, ask },
        retries: false, // an answer in quotes counts, and a language model is too slow to be asked twice
        warmUp: () => ask({ qid: '', question: WARM_UP, answers: [], unanswerable: true }),
      },
      signal,
    );
  } finally {
    await cache.close();
  }
  const sampled = questions.length < set.questions.length + set.unanswerable.length;
  return { generator, sampled, cache: cache.path, ...summarizeAnswers(questions, cache.rows, randoms) };
}

/** Whether the plan searches for texts that a language model writes. */
function rewrites({ sources }: Plan): boolean {
  return sources.some(({ text }) => text !== undefined);
}

/** What every row depends on. */
async function keyOf({ session, set }: Run, plan: Plan) {
  const { settings, manifest } = session;
  const reranks = plan.steps.some(({ kind }) => kind === 'rerank');
  const reranker = reranks
    ? await installedReranker(settings, manifest.languages).catch(() => undefined) // each row then has a warning
    : undefined;
  return {
    ...{ build: manifest.name, builtAt: manifest.createdAt, model: manifest.model.checksum },
    ...{ set: set.checksum, plan: printPlan(plan), nprobe: settings.nprobe ?? manifest.index.nprobe },
    ...(reranker && { reranker: reranker.checksum }),
    ...(rewrites(plan) && { rewriter: (await session.generator())?.name ?? 'none' }),
  };
}

function rankedRow(question: Question, { hits, timings, warnings }: SearchResult): RankedRow {
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
      rewrite: rounded(timings.rewriteMs),
      embed: rounded(timings.embedMs),
      search: rounded(timings.searchMs),
      rerank: rounded(timings.rerankMs),
      lookup: rounded(timings.lookupMs),
      total: rounded(timings.totalMs),
    },
    ...(warnings.length > 0 && { warnings }),
  };
}

/** Seven digits are more than the precision of a score, and keep rows small. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

function randoms() {
  return seededRandom(SEED);
}
