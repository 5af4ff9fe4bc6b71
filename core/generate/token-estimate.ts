/**
 * How many tokens a conversation will be, where only a server can count them. Knows bytes, and what the server counted before.
 */
import type { ChatMessage } from './generator.ts';

/** Byte-pair vocabularies give English about 4.5 bytes a token, other languages and tables less: an upper estimate. */
const TOKENS_PER_BYTE = 1 / 3;
/** Role marks of a chat template, and the system text that some templates add by themselves. */
const PER_MESSAGE = 8;
const PER_CONVERSATION = 32;
/** What a server counted holds for other texts with this margin. */
const MARGIN = 1.15;
/** Shorter conversations tell more of the template than of the vocabulary, in bytes. */
const TELLING = 400;

export interface TokenEstimate {
  count(messages: ChatMessage[]): number;
  /** Takes in what the server counted for a conversation. */
  learn(messages: ChatMessage[], tokens: number): void;
}

export function startEstimate(): TokenEstimate {
  let perByte = TOKENS_PER_BYTE;
  const bytes = (messages: ChatMessage[]) =>
    messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  return {
    count: (messages) =>
      Math.ceil(bytes(messages) * perByte) + PER_MESSAGE * messages.length + PER_CONVERSATION,
    learn(messages, tokens) {
      const all = bytes(messages);
      if (all >= TELLING) perByte = (tokens * MARGIN) / all;
    },
  };
}
