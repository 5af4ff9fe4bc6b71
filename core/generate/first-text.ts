/**
 * How long a reader waits for an answer's first text, and how much a model can read by then. Knows speeds and tokens.
 */
import type { Speed } from './generator.ts';

/** The first text of an answer should be shown by then. */
export const FIRST_TEXT_SECONDS = 15;
/** Tokens until the first sentence is shown, which is when the second has begun. */
const FIRST_SENTENCE = 40;
/** Tokens of a prompt with one passage of usual length. */
const ONE_PASSAGE = 500;
/** Assumed for a model that has not answered yet: a small one on a few cores. */
const PRESUMED: Speed = { prompt: 100, answer: 20 };

/** Most prompt tokens with which the first sentence is still shown in time, after `spentMs` of it have passed. */
export function tokensInTime(speed: Speed, spentMs = 0): number {
  const { prompt, answer } = presumed(speed);
  const seconds = FIRST_TEXT_SECONDS - spentMs / 1000 - FIRST_SENTENCE / answer;
  return Math.max(0, Math.floor(seconds * prompt));
}

/** Seconds until the first sentence from one passage. */
export function secondsForOnePassage(speed: Speed): number {
  const { prompt, answer } = presumed(speed);
  return ONE_PASSAGE / prompt + FIRST_SENTENCE / answer;
}

function presumed({ prompt, answer }: Speed): Speed {
  return { prompt: prompt || PRESUMED.prompt, answer: answer || PRESUMED.answer };
}
