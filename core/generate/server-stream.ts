/**
 * Reads what a chat completions server sends: its list of models, and the parts of an answer as server-sent events.
 * Knows the fields (https://platform.openai.com/docs/api-reference/chat/streaming) and who adds which; sends nothing.
 */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';
import { badStream } from './server-refusal.ts';

const models = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      /** vLLM's context size. */
      max_model_len: z.number().int().positive().nullish(),
      /** llama.cpp's. */
      meta: z.object({ n_ctx: z.number().int().positive().nullish() }).nullish(),
    }),
  ),
});

const usage = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  /** Prompt tokens that the server still had cached from earlier prompts. */
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
});

const chunk = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: usage.nullish(),
  /** A failure after the answer has begun. */
  error: z.unknown().optional(),
});

export type Usage = z.infer<typeof usage>;

/** Ollama's list of the models in memory. */
const loaded = z.object({
  models: z.array(z.object({ name: z.string(), context_length: z.number().int().positive().nullish() })),
});

export interface ListedModel {
  id: string;
  /** Undefined if the server does not report it. */
  contextTokens: number | undefined;
}

export interface Part {
  text: string;
  /** Why the answer ended, in the last part of its text. */
  finish: string | undefined;
  usage: Usage | undefined;
}

/** Throws `CoreError('network')` for a body that is not a list of models. */
export async function readModels(response: Response, server: string): Promise<ListedModel[]> {
  try {
    const { data } = models.parse(await response.json());
    return data.map(({ id, max_model_len, meta }) => ({
      id,
      contextTokens: max_model_len ?? meta?.n_ctx ?? undefined,
    }));
  } catch (error) {
    throw badStream(server, 'not-an-answer', error);
  }
}

/** Context sizes, in tokens and by name, of the models that Ollama has in memory; undefined for any other body. */
export async function readLoaded(response: Response): Promise<Map<string, number | undefined> | undefined> {
  const { data } = loaded.safeParse(json(await response.text()));
  return data && new Map(data.models.map((model) => [model.name, model.context_length ?? undefined]));
}

/** The parts of an answer up to `[DONE]` or the stream's end. Throws `CoreError('network')` for an unreadable one. */
export async function* readParts(response: Response, server: string): AsyncGenerator<Part, void> {
  if (response.body === null || !/^text\/event-stream\b/i.test(response.headers.get('content-type') ?? ''))
    throw badStream(server, 'not-an-answer');
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { data } of events) {
    if (data === '[DONE]') return;
    const parsed = chunk.safeParse(json(data));
    if (!parsed.success) throw badStream(server, 'not-an-answer', parsed.error);
    const { choices, usage: counted, error } = parsed.data;
    if (error !== undefined && error !== null) throw badStream(server, 'cut', error);
    yield {
      text: choices[0]?.delta?.content ?? '',
      finish: choices[0]?.finish_reason ?? undefined,
      usage: counted ?? undefined,
    };
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
