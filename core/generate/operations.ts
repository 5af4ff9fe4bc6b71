/**
 * The closed set of operations between the generator's client and its worker process. Knows no native module.
 */
import type { ChatMessage, Generated } from './generator.ts';

export interface LoadOptions {
  /** The GGUF file. */
  path: string;
  /** Most tokens of prompt and answer together; the model's own limit where that is less. */
  contextTokens: number;
  threads: number;
  device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
}

export interface ModelFacts {
  contextTokens: number;
  /** Tokens of prompt read in a second, as last measured. */
  promptTokensPerSecond: number;
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
