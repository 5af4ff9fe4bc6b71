/**
 * A loopback server of OpenAI's chat completions protocol as vLLM, llama.cpp and Ollama speak it: key, models, limits,
 * server-sent events, faults on request. Its text comes from the test's generator; refusals are worded as by vLLM and
 * llama.cpp. Fields: https://platform.openai.com/docs/api-reference/chat, https://docs.ollama.com/api.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Generator } from '../../core/generate/generator.ts';

export type Fault =
  /** Refuses, with a Retry-After header if given. */
  | { status: number; retryAfter?: string; body?: string }
  /** Takes the request and never answers. */
  | 'silence'
  /** Sends an HTML page instead of an event stream. */
  | 'page'
  /** Sends an event that is not JSON between two others. */
  | 'garbage'
  /** Ends the connection after the first part. */
  | 'cut'
  /** Says in the middle of the stream that it failed. */
  | 'error-event'
  /** Stays silent after the first part. */
  | 'stall';

export interface ServerOptions {
  models: Record<string, Generator>;
  key?: string;
  contextTokens?: number;
  /** Where the context size is told, if at all; `ollama`: its own API, once a model is loaded; long prompts are cut. */
  tells?: 'max_model_len' | 'n_ctx' | 'ollama';
  withoutUsage?: boolean;
}

export interface LanguageModelServer {
  url: string;
  /** Bodies of the completions that were asked for. */
  requests: Completion[];
  /** Completions that the client gave up. */
  abandoned(): number;
  fail(...faults: Fault[]): void;
  close(): Promise<void>;
}

const completion = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).min(1),
  max_tokens: z.number().int().min(1),
  temperature: z.number().min(0).max(2),
  stream: z.literal(true),
  stream_options: z.object({ include_usage: z.boolean() }).optional(),
});
type Completion = z.infer<typeof completion>;

export async function startLanguageModelServer(options: ServerOptions): Promise<LanguageModelServer> {
  const requests: Completion[] = [];
  const faults: Fault[] = [];
  const loaded = new Set<string>();
  let abandoned = 0;

  const server = createServer(async (request, response) => {
    if (options.key !== undefined && request.headers.authorization !== `Bearer ${options.key}`)
      return refuse(response, 401, 'Unauthorized');
    if (request.method === 'GET' && request.url === '/v1/models') return list(response);
    if (options.tells === 'ollama' && request.url?.startsWith('/api/'))
      return ollama(request.url, await bodyOf(request), response);
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
      return refuse(response, 404, 'Not Found');
    const asked = completion.safeParse(await bodyOf(request));
    if (!asked.success) return refuse(response, 400, asked.error.message);
    requests.push(asked.data);
    const fault = faults.shift();
    if (fault === 'silence') return;
    if (fault === 'page')
      return void response.setHeader('content-type', 'text/html').end('<h1>It works!</h1>');
    if (typeof fault === 'object') {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      return refuse(response, fault.status, fault.body ?? 'No.');
    }
    await complete(asked.data, response, fault);
  });

  function list(response: ServerResponse): void {
    const size = options.contextTokens;
    const data = Object.keys(options.models).map((id) => ({
      id,
      object: 'model',
      ...(options.tells === 'max_model_len' && { max_model_len: size }),
      ...(options.tells === 'n_ctx' && { meta: { n_ctx: size } }),
    }));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ object: 'list', data }));
  }

  function ollama(url: string, body: unknown, response: ServerResponse): void {
    const send = (answer: unknown) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    const context_length = options.contextTokens;
    const fault = url === '/api/ps' ? undefined : faults.shift();
    if (url === '/api/ps')
      send({ models: [...loaded].map((name) => ({ name, model: name, context_length })) });
    else if (typeof fault === 'object') refuse(response, fault.status, fault.body ?? 'No.');
    else {
      const { model } = z.object({ model: z.string() }).parse(body);
      loaded.add(model);
      send({ model, response: '', done: true, done_reason: 'load' });
    }
  }

  async function complete(asked: Completion, response: ServerResponse, fault: Fault | undefined) {
    const model = options.models[asked.model];
    if (model === undefined) return refuse(response, 404, `The model \`${asked.model}\` does not exist.`);
    const promptTokens = await model.countTokens(asked.messages);
    const most = options.contextTokens ?? (await model.contextTokens());
    const cuts = options.tells === 'ollama';
    if (!cuts && promptTokens + asked.max_tokens > most)
      return refuse(
        response,
        400,
        `This model's maximum context length is ${most} tokens. However, you requested ${promptTokens + asked.max_tokens} tokens.`,
      );
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const send = (body: unknown) =>
      response.write(`data: ${typeof body === 'string' ? body : JSON.stringify(body)}\n\n`);
    const part = (content: string | undefined, finish_reason: string | null) =>
      send({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason }] });
    const gone = new AbortController();
    response.on('close', () => {
      if (response.writableEnded) return;
      abandoned += 1;
      gone.abort();
    });
    let parts = 0;
    const made = await model
      .generate(asked.messages, {
        maxTokens: asked.max_tokens,
        temperature: asked.temperature,
        signal: gone.signal,
        onText(delta) {
          parts += 1;
          if (parts > 1 && fault !== undefined) return;
          part(delta, null);
          // Only after the part was sent: a connection that ends before looks like a server that is not there.
          if (fault === 'cut') setTimeout(() => response.destroy(), 20);
          if (fault === 'garbage') send('{"choices": [');
          if (fault === 'error-event') send({ error: { message: 'out of memory', code: 500 } });
        },
      })
      .catch(() => undefined);
    if (made === undefined || fault === 'stall' || fault === 'cut' || response.destroyed) return;
    part(undefined, made.reason === 'length' ? 'length' : 'stop');
    if (asked.stream_options?.include_usage && !options.withoutUsage)
      send({
        choices: [],
        usage: {
          prompt_tokens: cuts ? Math.min(made.promptTokens, most) : made.promptTokens,
          completion_tokens: made.tokens,
          prompt_tokens_details: { cached_tokens: made.promptTokens - made.pace.readTokens },
        },
      });
    send('[DONE]');
    response.end();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    abandoned: () => abandoned,
    fail: (...more) => void faults.push(...more),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { message, type: 'invalid_request_error', code: status } }));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const piece of request) text += piece;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
