/**
 * Lets a model write, checks each sentence as soon as it is complete, and stops the model when it has said enough.
 * Knows the generator's contract and passages; no process and no platform.
 */

import type { Generator } from '../generate/generator.ts';
import { NO_ANSWER } from '../generate/prompts.ts';
import type { Hit } from '../types.ts';
import {
  type CheckedSentence,
  checkSentence,
  citeSentences,
  type MarkedSentence,
  readMarkers,
} from './citations.ts';
import type { Candidate } from './extract.ts';
import type { FittedPrompt } from './prompt.ts';
import { restates } from './support.ts';

/** A word or a marker that the next piece of text may continue. */
const OPEN_END = /(?:[[【][^\]】]*|[\p{L}\p{N}]+)$/u;

export interface DraftRequest {
  question: string;
  language: string;
  generator: Generator;
  prompt: FittedPrompt;
  /** Sentences that a quoted answer would choose from, best first. */
  candidates: Candidate[];
  /** Supported sentences after which the answer is long enough. */
  most: number;
  settings: { maxAnswerTokens: number; temperature: number };
  signal?: AbortSignal | undefined;
  say(delta: string): void;
}

export interface Draft {
  /** What may be shown; empty where no sentence is supported. */
  sentences: CheckedSentence[];
  /** The model says that the passages hold no answer. */
  declined: boolean;
  /** The time ran out before the model had finished. */
  outOfTime: boolean;
  warnings: string[];
}

/** After this many unsupported sentences in a row the model has lost the thread. */
const LOST = 2;
/** What is not written by then is left out, so that a machine too busy for its model still answers. */
const WRITING_SECONDS = 40;
/**
 * A sentence in the model's own words needs evidence that scores at least this share of the best candidate's score: it is
 * .5 below the best logit. What it makes of others is true too seldom (`npm run bench -- drafts`).
 */
const BEST = 0.95;
/** The same for a sentence that begins an answer and restates its evidence. */
const TO_THE_POINT = 0.7;

/** Streams checked sentences to `say`. Throws what the generator throws, unless there is something to show already. */
export async function draftAnswer(request: DraftRequest): Promise<Draft> {
  const { generator, prompt, language, settings, signal } = request;
  const sieve = startSieve(request);
  const enough = new AbortController();
  const warnings: string[] = [];
  let outOfTime = false;
  const timer = setTimeout(() => {
    outOfTime = true;
    enough.abort();
  }, WRITING_SECONDS * 1000);
  let text = '';
  let read = 0;
  const take = (sentences: MarkedSentence[]) => {
    for (const sentence of sentences.slice(read)) if (!sieve.isDone()) sieve.add(sentence);
    read = Math.max(read, sentences.length);
  };
  try {
    const written = await generator.generate(prompt.messages, {
      maxTokens: settings.maxAnswerTokens,
      temperature: settings.temperature,
      signal: signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]),
      onText(delta) {
        text += delta;
        // The last sentence may still grow, or get its marker; so may the one before it, by a word that is half there.
        take(readMarkers(text.replace(OPEN_END, ''), prompt.used.length, language).slice(0, -1));
        if (sieve.isDone()) enough.abort();
      },
    });
    if (!sieve.isDone())
      take(readMarkers(written.text, prompt.used.length, language, written.reason === 'length'));
  } catch (error) {
    if (!sieve.isDone()) take(readMarkers(text, prompt.used.length, language).slice(0, -1));
    if (signal?.aborted === true || (!enough.signal.aborted && sieve.shown().length === 0)) throw error;
    if (!enough.signal.aborted) warnings.push('The language model failed before the end of its answer.');
  } finally {
    clearTimeout(timer);
  }
  const sentences = sieve.shown();
  const left = sieve.leftOut();
  if (sentences.length > 0 && left > 0)
    warnings.push(
      `${left === 1 ? 'One sentence' : `${left} sentences`} of the language model that no passage supports well enough ${left === 1 ? 'was' : 'were'} left out.`,
    );
  return { sentences, declined: sentences.length === 0 && isDeclined(text), outOfTime, warnings };
}

/** Passes new, supported sentences that answer the question, and a single unsupported one only between two of them. */
function startSieve({ question, prompt: { used }, candidates, most, say }: DraftRequest) {
  const shown: CheckedSentence[] = [];
  let held: CheckedSentence[] = [];
  let told = '';
  let supported = 0;
  let leftOut = 0;
  let repeats = false;

  const show = (sentence: CheckedSentence) => {
    if (held.length === 1) shown.push(...held);
    else leftOut += held.length;
    held = [];
    shown.push(sentence);
    supported += 1;
    const { text } = citeSentences(shown, used);
    say(text.slice(told.length));
    told = text;
  };
  return {
    add(marked: MarkedSentence) {
      if (isSame(marked.text, question)) return;
      if ([...shown, ...held].some(({ text }) => isSame(text, marked.text))) {
        repeats = true;
        return;
      }
      const checked = checkSentence(marked, used, question);
      const isQuestion = /[?？؟]["'”’»)\]]*$/u.test(marked.text);
      const isUsable = checked.evidence.length > 0 && !isQuestion;
      const isTold = isUsable && (rests(checked, candidates, BEST) || restatesEvidence(checked, used));
      if (isTold && (supported > 0 || rests(checked, candidates, TO_THE_POINT))) show(checked);
      else if (!isUsable && supported > 0) held.push(checked);
      else leftOut += 1;
    },
    isDone: () => supported >= most || repeats || (supported > 0 && held.length >= LOST),
    shown: () => shown,
    leftOut: () => leftOut + held.length,
  };
}

/** Whether its evidence scores at least `share` of the best candidate's score. */
function rests({ evidence }: CheckedSentence, candidates: Candidate[], share: number): boolean {
  const least = (candidates[0]?.score ?? 0) * share;
  return candidates.some(
    ({ passage, quote, score }) =>
      score >= least &&
      evidence.some(
        (place) =>
          place.passage === passage && place.quote.start < quote.end && quote.start < place.quote.end,
      ),
  );
}

function restatesEvidence({ text, evidence }: CheckedSentence, passages: Hit[]): boolean {
  return evidence.some(({ passage, quote }) => {
    const chunk = passages[passage]?.chunk;
    return chunk !== undefined && restates(text, chunk.text.slice(quote.start, quote.end), chunk);
  });
}

function isSame(a: string, b: string): boolean {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  return plain(a) === plain(b);
}

const DECLINED = new RegExp(
  `^\\W*(${NO_ANSWER}|(i|we) (do not|don['’]t|cannot|can['’]t)\\b|(the|these) (given |provided |numbered )?(passages?|text) (do|does)(n['’]t| not)\\b|there is no (answer|information|mention))`,
  'i',
);

function isDeclined(text: string): boolean {
  return DECLINED.test(text);
}
