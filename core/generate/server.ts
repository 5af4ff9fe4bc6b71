/**
 * A language model on any server that speaks OpenAI's chat completions protocol (vLLM, llama.cpp, Ollama), behind the
 * generator's contract. Knows requests and time; batching and prompt caching are up to the server.
 */
import { CoreError, isCoreError, throwIfAborted } from '../errors.ts';
import { retrying } from '../hub/retry.ts';
import { startWatch, type Watch } from '../hub/watch.ts';
import { breakMarks } from './chat-template.ts';
import {
  type ChatMessage,
  checkMaxTokens,
  type Generated,
  type GenerateOptions,
  type Generator,
} from './generator.ts';
import { chooseModel, type RequestBody, shownName } from './served-model.ts';
import { badStream, promptTooLong, refusal, unreachable } from './server-refusal.ts';
import { readParts, type Usage } from './server-stream.ts';
import { startEstimate } from './token-estimate.ts';

export interface ServerOptions {
  /** Base address as in the server's documentation, e.g. `http://localhost:8000/v1`; without a path, `/v1` is added. */
  url: string;
  key?: string | undefined;
  /** The server's name for it; when absent, the only model that it serves. */
  model?: string | undefined;
  /** Most tokens of prompt and answer together; the server's own limit if that is less. */
  contextTokens: number;
  /** The longest silence before the first token of an answer, and after it, in ms. */
  patience?: { firstMs: number; nextMs: number };
}

const PATIENCE = { firstMs: 60_000, nextMs: 30_000 };
/** Retries while the server is too busy or answers with a status of 500 or more. */
const RETRIES = 2;
const RETRY_PAUSE_MS = 500;

interface Completion {
  model: string;
  messages: ChatMessage[];
  max_tokens: number;
  temperature: number;
  stream: true;
  stream_options: { include_usage: true };
}

/**
 * Asks the server for its models. Throws `CoreError`: `network` (unreachable, refuses the key, is no such server),
 * `not-found` (does not serve the model), `usage` (several models and no choice, or an address that cannot be used).
 */
export async function openServer(options: ServerOptions): Promise<Generator> {
  const base = baseOf(options.url);
  const server = new URL(base).origin;
  const request = (path: string, watch: Watch, body?: RequestBody) => send(options, base, path, watch, body);
  const { id: model, contextTokens: served, cuts } = await chooseModel(options, server, request);
  let contextTokens = Math.min(options.contextTokens, served ?? options.contextTokens);
  const estimate = startEstimate();

  const attempt = async (messages: ChatMessage[], call: GenerateOptions): Promise<Generated> => {
    const { maxTokens, temperature, signal } = call;
    const watch = startWatch(signal);
    watch.expect((options.patience ?? PATIENCE).firstMs, 'answer');
    const started = performance.now();
    let first: number | undefined;
    let text = '';
    let count = 0;
    let finish: string | undefined;
    let usage: Usage | undefined;
    try {
      const response = await request('chat/completions', watch, {
        model,
        messages,
        max_tokens: maxTokens,
        temperature,
        stream: true,
        stream_options: { include_usage: true },
      } satisfies Completion);
      for await (const part of readParts(response, server)) {
        watch.expect((options.patience ?? PATIENCE).nextMs, 'body');
        throwIfAborted(signal);
        usage = part.usage ?? usage;
        finish = part.finish ?? finish;
        if (part.text === '') continue;
        first ??= performance.now();
        count += 1;
        text += part.text;
        call.onText?.(part.text);
      }
    } catch (error) {
      throwIfAborted(signal);
      if (watch.late !== undefined) throw unreachable(error, server, watch.late.ms);
      throw isCoreError(error) ? error : badStream(server, 'cut', error);
    } finally {
      watch.rest();
    }
    if (finish === undefined) throw badStream(server, 'cut');
    const ended = performance.now();
    const promptTokens = usage?.prompt_tokens ?? estimate.count(messages);
    if (cuts && promptTokens >= contextTokens) throw promptTooLong(contextTokens, { server });
    if (usage !== undefined) estimate.learn(messages, promptTokens);
    return {
      text,
      promptTokens,
      // Servers send a part for each token.
      tokens: usage?.completion_tokens ?? count,
      reason: finish === 'length' ? 'length' : 'end',
      pace: {
        readTokens: promptTokens - (usage?.prompt_tokens_details?.cached_tokens ?? 0),
        readMs: (first ?? ended) - started,
        writeMs: ended - (first ?? ended),
      },
    };
  };

  return {
    name: shownName(model),
    contextTokens: async () => contextTokens,
    speed: async () => ({ prompt: 0, answer: 0 }),
    countTokens: async (messages) => estimate.count(messages),
    async generate(messages, call) {
      const { maxTokens, signal } = call;
      checkMaxTokens(maxTokens);
      if (cuts && estimate.count(messages) + maxTokens > contextTokens)
        throw promptTooLong(contextTokens, { server });
      try {
        return await retrying(() => attempt(breakMarks(messages), call), {
          retries: RETRIES,
          pauseMs: RETRY_PAUSE_MS,
          bytes: () => 0,
          signal,
        });
      } catch (error) {
        const told = isCoreError(error) ? error.details.contextTokens : undefined;
        if (typeof told === 'number' && told > 0) contextTokens = Math.min(contextTokens, told);
        throw error;
      }
    },
    close: async () => undefined,
  };
}

async function send(
  { key }: ServerOptions,
  base: string,
  path: string,
  watch: Watch,
  body?: RequestBody,
): Promise<Response> {
  const server = new URL(base).origin;
  let response: Response;
  try {
    response = await fetch(`${base}/${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      redirect: 'error',
      signal: watch.signal,
    });
  } catch (error) {
    throw unreachable(error, server, watch.late?.ms);
  }
  if (!response.ok) throw await refusal(response, server, body && shownName(body.model));
  return response;
}

function baseOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.username !== '' || parsed.password !== '' || parsed.search !== '')
    throw new CoreError('usage', 'The address of the language model server cannot be used.', {
      hint: 'Write it like http://localhost:8000/v1, and a key into FOOTNOTE_GENERATOR_KEY.',
    });
  const path = parsed.pathname.replace(/\/(chat\/completions\/?)?$/, '');
  return `${parsed.origin}${path === '' ? '/v1' : path}`;
}
