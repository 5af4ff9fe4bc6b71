/**
 * Writes the conversation that asks a model for an answer, and makes it fit. Knows passages and token counts;
 * never sees a model or its template.
 */

import { passageHeading } from '../corpus/passage.ts';
import type { ChatMessage } from '../generate/generator.ts';
import { oneLine, promptText, unfence } from '../generate/prompts.ts';
import type { Hit } from '../types.ts';

export interface FitRequest {
  question: string;
  passages: Hit[];
  countTokens(messages: ChatMessage[]): Promise<number>;
  /** Tokens for prompt and answer together. */
  contextTokens: number;
  maxAnswerTokens: number;
}

export interface FittedPrompt {
  messages: ChatMessage[];
  /** The passages that the prompt holds; the one numbered n is `used[n - 1]`. */
  used: Hit[];
  promptTokens: number;
  warnings: string[];
}

/** A question longer than this is cut before it is counted, in characters. */
const LONGEST_QUESTION = 2_000;
/** Share of the room that a question may take before the passages. */
const QUESTION_SHARE = 0.5;

/** System text, fenced and numbered passages, and the question last. */
export function answerMessages(question: string, passages: Hit[]): ChatMessage[] {
  const fenced = passages.map(({ chunk }, index) => {
    const name = oneLine(passageHeading(chunk));
    return `[${index + 1}] ${unfence(name)}\n<<<\n${unfence(chunk.text)}\n>>>`;
  });
  return [
    { role: 'system', content: promptText('answer') },
    { role: 'user', content: `${fenced.join('\n\n')}\n\nQuestion: ${unfence(oneLine(question))}` },
  ];
}

/**
 * The longest prompt that leaves room for the answer: passages are dropped from the end, and a question that is too
 * long is cut with a warning. `used` is empty if not even the first passage fits.
 */
export async function fitPassages(request: FitRequest): Promise<FittedPrompt> {
  const room = request.contextTokens - request.maxAnswerTokens;
  const warnings: string[] = [];
  let question = request.question.trim().slice(0, LONGEST_QUESTION).toWellFormed();
  const bare = await request.countTokens(answerMessages('', []));
  const questionRoom = Math.max(0, room - bare) * QUESTION_SHARE;
  while ((await request.countTokens(answerMessages(question, []))) - bare > questionRoom && question !== '')
    question = question.slice(0, Math.floor(question.length / 2)).trim();
  if (question.length < request.question.trim().length)
    warnings.push(`The question is too long; only its first ${question.length} characters were asked.`);

  const fits = async (count: number): Promise<FittedPrompt | undefined> => {
    const used = request.passages.slice(0, count);
    const messages = answerMessages(question, used);
    const promptTokens = await request.countTokens(messages);
    return promptTokens <= room ? { messages, used, promptTokens, warnings } : undefined;
  };
  let best = (await fits(0)) ?? {
    messages: answerMessages(question, []),
    used: [],
    promptTokens: bare,
    warnings,
  };
  let [low, high] = [1, request.passages.length];
  while (low <= high) {
    const middle = Math.ceil((low + high) / 2);
    const fitted = await fits(middle);
    if (fitted === undefined) high = middle - 1;
    else [best, low] = [fitted, middle + 1];
  }
  return best;
}
