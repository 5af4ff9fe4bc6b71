/**
 * The contract of a text generator. Knows messages and tokens; nothing about passages or citations.
 * Several calls may be under way at once; test/contracts/generator.ts says what every implementation owes.
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
  /** Why it ended: the model's own end, or the token limit. */
  reason: 'end' | 'length';
  pace: Pace;
}

/** How long one call took, and over what. */
export interface Pace {
  /** Tokens of the prompt that had to be read: those that no earlier call had left in memory. */
  readTokens: number;
  /** Until the first token of the answer, waiting for a turn left out. */
  readMs: number;
  /** From the first token of the answer to the last. */
  writeMs: number;
}

/** Tokens a second; 0 where nothing was measured yet. */
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
  /** Tokens of the rendered prompt, the model's own chat template included; an upper estimate where only a server can count. */
  countTokens(messages: ChatMessage[]): Promise<number>;
  /**
   * Streams the answer of the conversation. Aborting `signal` ends it within a token and throws the signal's reason.
   * Throws `CoreError`: `usage` (no token asked for), `bad-input` (prompt longer than the context), `network`, `worker-crashed`.
   */
  generate(messages: ChatMessage[], options: GenerateOptions): Promise<Generated>;
  close(): Promise<void>;
}

/** Throws `CoreError('usage')` for an answer of no token. */
export function checkMaxTokens(maxTokens: number): void {
  if (maxTokens < 1)
    throw new CoreError('usage', `An answer needs at least one token, not ${maxTokens}.`, {
      hint: 'Set --max-answer-tokens to 1 or more.',
    });
}
