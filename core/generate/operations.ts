/**
 * The closed set of operations between the generator's client and its worker process. Knows no native module.
 */
import type { ChatMessage, Generated, Speed } from './generator.ts';

export interface LoadOptions {
  /** The GGUF file. */
  path: string;
  /** Most tokens of prompt and answer together; the model's own limit if that is less. */
  contextTokens: number;
  threads: number;
  device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  /** Conversations that are read and written at the same time, each with a context of its own. */
  sequences: number;
  /** The beginning of most conversations: read once while loading, and kept. */
  preload?: ChatMessage[];
}

export interface ModelFacts {
  contextTokens: number;
  speed: Speed;
}

export type GenerateOperations = {
  load: { in: LoadOptions; out: ModelFacts };
  facts: { in: undefined; out: ModelFacts };
  countTokens: { in: ChatMessage[]; out: number };
  /** Events are the deltas of the text. */
  generate: {
    in: { messages: ChatMessage[]; maxTokens: number; temperature: number };
    out: Generated;
    event: string;
  };
};
