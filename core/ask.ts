/**
 * question -> passages -> text -> checked citations -> answer: what Footnote is for, as a stream of events.
 * Knows the order of the stages; each stage knows its own work.
 */

import { composeAnswer } from './answer/compose.ts';
import { toCoreError, toWire } from './errors.ts';
import type { Generator } from './generate/generator.ts';
import { planOf } from './retrieve/methods.ts';
import { printPlan } from './retrieve/plan.ts';
import { abortable } from './runtime/abortable.ts';
import { streamed } from './runtime/events.ts';
import { type SearchRequest, type SearchResult, search } from './search.ts';
import type { Session } from './session.ts';
import type { Answer, AskEvent, Warning } from './types.ts';

/** To score sentences against the question: 13 sentences, each read twice, take 300 ms on two cores (p95: 500 ms). */
const JUDGE_MS = 500;

const QUOTES_ONLY = 'The language model is not available; the answer is made of quotes.';

/**
 * Answers one question. Throws `CoreError`; a failing language model costs a warning, not the answer.
 * Aborting `signal` stops generation within a token and throws its reason.
 */
export async function* ask(
  session: Session,
  request: SearchRequest,
  signal?: AbortSignal,
): AsyncGenerator<AskEvent, Answer> {
  const started = performance.now();
  const method = request.method ?? session.settings.method;
  const plan = planOf(method, request.k ?? session.settings.k);
  yield { type: 'retrieve-start', plan: printPlan(plan) };

  const opening = openGeneratorOrNone(session);
  opening.catch(() => undefined); // awaited below; until then its failure must not count as unhandled
  const found = await search(session, request, signal);
  const { hits, timings } = found;
  yield { type: 'retrieve-end', hits, ms: timings.totalMs, timings };

  const { generator, warnings: unavailable } = await abortable(opening, signal);
  const composed = yield* compose(session, found, plan.sources.length === 0, generator, signal);
  const warnings = [
    ...found.warnings.map((message) => ({ message })),
    ...unavailable,
    ...composed.warnings.map((message) => ({ message })),
  ];
  const { text, sentences, citations, abstained } = composed;
  for (const citation of citations) yield { type: 'citation-found', citation };
  const answer: Answer = {
    question: found.query,
    build: found.build,
    method,
    text,
    sentences,
    abstained,
    citations,
    generator: composed.generator,
    warnings: warnings.map(({ message }) => message),
    timings: {
      retrieveMs: found.timings.totalMs,
      firstTokenMs: composed.firstTokenMs,
      totalMs: performance.now() - started,
    },
  };
  for (const warning of warnings) yield { type: 'warning', ...warning };
  yield { type: 'answer-end', answer };
  return answer;
}

type Composed = Awaited<ReturnType<typeof composeAnswer>>;

/** Runs the composer and yields its prompt and its text as events. */
async function* compose(
  session: Session,
  found: SearchResult,
  bare: boolean,
  generator: Generator | undefined,
  outer: AbortSignal | undefined,
): AsyncGenerator<AskEvent, Composed> {
  yield { type: 'generate-start', ...(generator !== undefined && { generator: generator.name }) };
  const { contextTokens, maxAnswerTokens, temperature } = session.settings;
  const composing = (emit: (event: AskEvent) => void, signal: AbortSignal) =>
    composeAnswer({
      question: found.query,
      searchedFor: found.searchedFor,
      most: found.sentences,
      passages: found.hits,
      judge: async (question, texts) =>
        (await session.reranker()).score(question, texts, { budgetMs: JUDGE_MS, signal }),
      generator,
      settings: { contextTokens, maxAnswerTokens, temperature },
      language: session.manifest.languages[0] ?? '',
      spentMs: found.timings.totalMs,
      bare,
      signal,
      onPrompt: (messages, tokens) => emit({ type: 'prompt-sent', messages, tokens }),
      onText: (text) => emit({ type: 'text-delta', text }),
    });
  return yield* streamed(composing, outer);
}

/** The generator, or none and the reason: with a missing or broken model the answer is extractive. */
async function openGeneratorOrNone(
  session: Session,
): Promise<{ generator: Generator | undefined; warnings: Warning[] }> {
  try {
    const generator = await session.generator();
    return { generator, warnings: [] };
  } catch (error) {
    if (toCoreError(error).code === 'usage') throw error;
    return { generator: undefined, warnings: [{ message: QUOTES_ONLY, error: toWire(error) }] };
  }
}
