/**
 * The contract of a text generator. Knows messages and tokens; nothing about passages or citations.
 * Several calls may run at once; test/contracts/generator.ts states what every implementation must do.
 */
import { CoreError } from '../errors.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface GenerateOptions {
  maxTokens: number;
  /** 0 is greedy. */
  temperature: number;
  signal?: AbortSignal | undefined;
  onText?: (delta: string) => void;
}

export interface Generated {
  text: string;
  promptTokens: number;
  tokens: number;
  /** Why it ended: by the model itself, or at the token limit. */
  reason: 'end' | 'length';
  pace: Pace;
}

/** How long one call took, and over what. */
export interface Pace {
  /** Tokens of the prompt that had to be read: those not kept in memory from an earlier call. */
  readTokens: number;
  /** Until the first token of the answer, without the time spent waiting for a turn. */
  readMs: number;
  /** From the first token of the answer to the last. */
  writeMs: number;
}

/** Tokens a second; 0 if nothing was measured yet. */
export interface Speed {
  prompt: number;
  answer: number;
}

export interface Generator {
  /** Name for the answer's footer, e.g. `Mistral-7B-Instruct-v0.3 Q4_K_M`. */
  readonly name: string;
  /** Tokens the model can see at once, prompt and answer together. */
  contextTokens(): Promise<number>;
  /** How fast it reads and writes here, as last measured. */
  speed(): Promise<Speed>;
  /** Tokens of the prompt, the model's chat template included; an upper estimate if only a server can count them. */
  countTokens(messages: ChatMessage[]): Promise<number>;
  /**
   * Streams the answer to the conversation. Aborting `signal` ends it within a token and throws the signal's reason.
   * Throws `CoreError`: `usage` (no tokens wanted), `bad-input` (prompt exceeds context), `network`, `worker-crashed`.
   */
  generate(messages: ChatMessage[], options: GenerateOptions): Promise<Generated>;
  close(): Promise<void>;
}

/** Throws `CoreError('usage')` for an answer of less than one token. */
export function checkMaxTokens(maxTokens: number): void {
  if (maxTokens < 1)
    throw new CoreError('usage', `An answer needs at least one token, not ${maxTokens}.`, {
      hint: 'Set --max-answer-tokens to 1 or more.',
    });
}
