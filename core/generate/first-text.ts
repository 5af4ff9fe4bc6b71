/**
 * How long a reader waits for the first text of an answer, and how much a model can read meanwhile. Knows speeds and tokens only.
 */
import type { Speed } from './generator.ts';

/** The first text of an answer should stand by then. */
export const FIRST_TEXT_SECONDS = 15;
/** A first sentence is shown when the second has begun, in tokens. */
const FIRST_SENTENCE = 40;
/** A prompt with one passage of a build's usual length, in tokens. */
const ONE_PASSAGE = 500;
/** Of a model that has answered nothing yet: a small one on a few cores. */
const PRESUMED: Speed = { prompt: 100, answer: 20 };

/** Tokens of a prompt after which the first sentence still stands in time; `spentMs` of it is gone already. */
export function tokensInTime(speed: Speed, spentMs = 0): number {
  const { prompt, answer } = presumed(speed);
  const seconds = FIRST_TEXT_SECONDS - spentMs / 1000 - FIRST_SENTENCE / answer;
  return Math.max(0, Math.floor(seconds * prompt));
}

/** Seconds until the first sentence out of one passage. */
export function secondsForOnePassage(speed: Speed): number {
  const { prompt, answer } = presumed(speed);
  return ONE_PASSAGE / prompt + FIRST_SENTENCE / answer;
}

function presumed({ prompt, answer }: Speed): Speed {
  return { prompt: prompt || PRESUMED.prompt, answer: answer || PRESUMED.answer };
}
