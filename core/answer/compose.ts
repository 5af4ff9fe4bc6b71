/**
 * The answer to a question from its passages: written by a model and checked sentence by sentence, else quoted,
 * else an honest "nothing". Knows passages and the generator's contract; no process and no platform.
 */
import { isCoreError, throwIfAborted, toCoreError } from '../errors.ts';
import { tokensInTime } from '../generate/first-text.ts';
import type { ChatMessage, Generator } from '../generate/generator.ts';
import type { AnswerSentence, Citation, Hit } from '../types.ts';
import { bareAnswer } from './bare.ts';
import { type CheckedSentence, type CitedText, citeSentences } from './citations.ts';
import { draftAnswer } from './draft.ts';
import { type Candidate, quoteBest, rankSentences } from './extract.ts';
import { isAnswered, type Judge, judgeSentences, rankJudged } from './judged.ts';
import { type FittedPrompt, fitPassages } from './prompt.ts';

export interface ComposeRequest {
  /** As it was asked: what the model reads. */
  question: string;
  /** The text that the passages were searched for; this is what has to be answered. */
  searchedFor: string;
  /** Sentences of the answer at most. */
  most: number;
  /** Best first. */
  passages: Hit[];
  /** Without one the answer is extractive. */
  generator?: Generator | undefined;
  settings: { contextTokens: number; maxAnswerTokens: number; temperature: number };
  /** BCP 47 tag of the question; empty where unknown. */
  language: string;
  /** Nothing was searched for: the model answers by itself, unchecked, for comparison. */
  bare?: boolean;
  /** Scores sentences against the question; used only if a cross-encoder has read the passages too. */
  judge?: Judge | undefined;
  /** How long the asker has waited for the passages, in ms. */
  spentMs?: number;
  signal?: AbortSignal | undefined;
  /** The conversation that the model is about to be given, with its tokens. */
  onPrompt?: ((messages: ChatMessage[], tokens: number) => void) | undefined;
  /** Gets the answer's text as it grows, each sentence once it is checked; the joined deltas equal `text`. */
  onText?: ((delta: string) => void) | undefined;
}

export interface ComposedAnswer {
  text: string;
  sentences: AnswerSentence[];
  citations: Citation[];
  abstained: boolean;
  /** Name of the model that wrote the text, or `extractive`. */
  generator: string;
  warnings: string[];
  /** From the call to the first text, in ms. */
  firstTokenMs: number;
}

export const EXTRACTIVE = 'extractive';
export const NOTHING_FOUND = 'Nothing in this build answers that.';

/** Throws when cancelled. If the model fails, the answer is quoted with a warning; a `bare` one throws the failure. */
export async function composeAnswer(request: ComposeRequest): Promise<ComposedAnswer> {
  throwIfAborted(request.signal);
  const started = performance.now();
  let firstTokenMs: number | undefined;
  const say = (delta: string) => {
    firstTokenMs ??= performance.now() - started;
    request.onText?.(delta);
  };
  const parts = await answerParts(request, say);
  return { ...parts, firstTokenMs: firstTokenMs ?? performance.now() - started };
}

type Parts = Omit<ComposedAnswer, 'firstTokenMs'>;

async function answerParts(request: ComposeRequest, say: (delta: string) => void): Promise<Parts> {
  const { generator, passages, most, signal } = request;
  if (request.bare && generator !== undefined) return bare({ ...request, generator }, say);
  const candidates = await answering(request);
  if (candidates.length === 0) return nothing(EXTRACTIVE, [], say);
  const quotes = quoteBest(candidates, most);
  if (generator === undefined) return quoted(quotes, passages, [], say);

  const warnings: string[] = [];
  try {
    const prompt = await promptFor(request, generator);
    warnings.push(...prompt.warnings);
    if (prompt.used.length === 0) {
      warnings.push('No passage fits into the context of the language model, so the answer is quoted.');
      return quoted(quotes, passages, warnings, say);
    }
    request.onPrompt?.(prompt.messages, prompt.promptTokens);
    const draft = await draftAnswer({ ...request, generator, prompt, candidates, say });
    warnings.push(...draft.warnings);
    if (draft.declined) return nothing(generator.name, warnings, say);
    if (draft.sentences.length > 0)
      return {
        ...citeSentences(draft.sentences, prompt.used),
        abstained: false,
        generator: generator.name,
        warnings,
      };
    warnings.push(
      draft.outOfTime
        ? 'The language model is too slow on this machine at the moment, so the answer is quoted.'
        : 'No passage supports what the language model wrote well enough, so the answer is quoted.',
    );
  } catch (error) {
    throwIfAborted(signal);
    warnings.push(`The language model failed, so the answer is quoted: ${toCoreError(error).message}`);
  }
  return quoted(quotes, passages, warnings, say);
}

/** The sentences that answer, best first: ranked by the cross-encoder if it has read the passages, else by words. */
async function answering(request: ComposeRequest): Promise<Candidate[]> {
  const { searchedFor, passages, judge, signal } = request;
  const answered = isAnswered(passages);
  if (answered === false) return [];
  const likely = byWords(request);
  if (answered === undefined || judge === undefined) return likely;
  try {
    const judged = rankJudged(await judgeSentences(searchedFor, passages, judge, likely));
    if (judged.length > 0) return judged;
  } catch (error) {
    throwIfAborted(signal);
    if (!isCoreError(error)) throw error;
  }
  return likely;
}

function byWords({ searchedFor, passages, language }: ComposeRequest): Candidate[] {
  return rankSentences({ question: searchedFor, passages, language });
}

/** A prompt with as many passages as fit the context and the time, but at least the first if the context holds it. */
async function promptFor(request: ComposeRequest, generator: Generator): Promise<FittedPrompt> {
  const { question, passages, settings } = request;
  const contextTokens = Math.min(settings.contextTokens, await generator.contextTokens());
  const maxAnswerTokens = Math.min(settings.maxAnswerTokens, Math.floor(contextTokens / 2));
  const fitted = (list: Hit[], tokens: number) =>
    fitPassages({
      question,
      passages: list,
      countTokens: (messages) => generator.countTokens(messages),
      contextTokens: tokens,
      maxAnswerTokens,
    });
  const inTime = maxAnswerTokens + tokensInTime(await generator.speed(), request.spentMs);
  const quick = await fitted(passages, Math.min(contextTokens, inTime));
  return quick.used.length > 0 ? quick : fitted(passages.slice(0, 1), contextTokens);
}

async function bare(
  request: ComposeRequest & { generator: Generator },
  say: (delta: string) => void,
): Promise<Parts> {
  const { generator } = request;
  const warnings = [
    'Nothing was searched for: the language model answered by itself, and nothing is checked.',
  ];
  const cited = await bareAnswer(request);
  if (cited === undefined) return nothing(generator.name, warnings, say);
  say(cited.text);
  return { ...cited, abstained: false, generator: generator.name, warnings };
}

function quoted(
  quotes: CheckedSentence[] | undefined,
  passages: Hit[],
  warnings: string[],
  say: (delta: string) => void,
): Parts {
  if (quotes === undefined) return nothing(EXTRACTIVE, warnings, say);
  const cited: CitedText = citeSentences(quotes, passages);
  say(cited.text);
  return {
    ...cited,
    abstained: false,
    generator: EXTRACTIVE,
    warnings,
  };
}

function nothing(generator: string, warnings: string[], say: (delta: string) => void): Parts {
  say(NOTHING_FOUND);
  return {
    text: NOTHING_FOUND,
    sentences: [],
    citations: [],
    abstained: true,
    generator,
    warnings,
  };
}
