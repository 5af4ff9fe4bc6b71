/**
 * A language model's answer without any passage, for comparison only; every sentence is marked as lacking a source.
 * Knows the generator's contract; no passage, process or platform.
 */

import type { ChatMessage, Generator } from '../generate/generator.ts';
import { NO_ANSWER, oneLine, promptText } from '../generate/prompts.ts';
import { type CitedText, citeSentences, readMarkers } from './citations.ts';

export interface BareRequest {
  question: string;
  language: string;
  generator: Generator;
  settings: { contextTokens: number; maxAnswerTokens: number; temperature: number };
  signal?: AbortSignal | undefined;
  /** The conversation that the model is about to be given, with its tokens. */
  onPrompt?: ((messages: ChatMessage[], tokens: number) => void) | undefined;
}

/** Sentences without citations; undefined where the model declines; throws what the generator throws. */
export async function bareAnswer(request: BareRequest): Promise<CitedText | undefined> {
  const { generator, settings, language, signal } = request;
  const messages = [
    { role: 'system' as const, content: promptText('bare') },
    { role: 'user' as const, content: `Question: ${oneLine(request.question)}` },
  ];
  if (request.onPrompt !== undefined) request.onPrompt(messages, await generator.countTokens(messages));
  const { maxAnswerTokens: maxTokens, temperature } = settings;
  const { text, reason } = await generator.generate(messages, {
    maxTokens,
    temperature,
    signal,
  });
  const sentences = readMarkers(text, 0, language, reason === 'length');
  const declined = sentences.length === 0 || text.trimStart().toUpperCase().startsWith(NO_ANSWER);
  if (declined) return undefined;
  const unchecked = sentences.map((sentence) => ({ text: sentence.text, evidence: [] }));
  return citeSentences(unchecked, []);
}
