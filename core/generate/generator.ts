/**
 * The contract of a text generator. Knows messages and tokens; nothing about passages or citations.
 */
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
  /** Why it ended: the model's own end, the token limit, or a stop text. */
  reason: 'end' | 'length';
}

export interface Generator {
  /** Name for the answer's footer, e.g. `Mistral-7B-Instruct-v0.3 Q4_K_M`. */
  readonly name: string;
  /** Tokens the model can see at once, prompt and answer together. */
  contextTokens(): Promise<number>;
  /** Tokens of a prompt that it reads in a second on this machine, as last measured. */
  promptTokensPerSecond(): Promise<number>;
  /** Tokens of the rendered prompt, the model's own chat template included. */
  countTokens(messages: ChatMessage[]): Promise<number>;
  generate(messages: ChatMessage[], options: GenerateOptions): Promise<Generated>;
  close(): Promise<void>;
}
