/**
 * Estimates a conversation's tokens where only a server can count them. Knows bytes and the server's earlier counts.
 */
import type { ChatMessage } from './generator.ts';

/** An upper estimate: byte-pair vocabularies give English about 4.5 bytes a token, other languages and tables less. */
const TOKENS_PER_BYTE = 1 / 3;
/** Role marks of a chat template, and the system text that some templates add by themselves. */
const PER_MESSAGE = 8;
const PER_CONVERSATION = 32;
/** Margin added when a server's count for one text is applied to others. */
const MARGIN = 1.15;
/** In bytes; shorter conversations say more about the template than about the vocabulary. */
const TELLING = 400;

export interface TokenEstimate {
  count(messages: ChatMessage[]): number;
  /** Learns from the server's count for a conversation. */
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
