/**
 * The errors for a language model server that refuses, fails or sends nonsense. Knows the statuses and error bodies of
 * vLLM, llama.cpp and Ollama. Messages contain no address, since they reach chats.
 */
import { CoreError, toCoreError } from '../errors.ts';
import { retryAfterMs } from '../hub/retry.ts';

/** In ms; if a server asks for a longer pause, the request is not retried. */
const LONGEST_PAUSE = 20_000;
const SAID_CHARACTERS = 200;

/** The error for a refused request. Reads the body. @param model undefined if the list of models was asked for */
export async function refusal(
  response: Response,
  server: string,
  model: string | undefined,
): Promise<CoreError> {
  const { status } = response;
  const said = await errorText(response);
  const details = { server, status, ...(said !== '' && { said }) };
  if (status === 401 || status === 403)
    return new CoreError('network', 'The language model server refused the key.', {
      hint: `Set FOOTNOTE_GENERATOR_KEY to a key that ${server} accepts.`,
      details,
    });
  const limit = contextLimit(said);
  if (status === 400 && limit !== undefined) return promptTooLong(limit, details);
  if (status === 404 && model === undefined)
    return new CoreError('not-found', 'The language model server has no list of models at that address.', {
      hint: `Write the address as the server’s documentation gives it, such as ${server}/v1.`,
      details,
    });
  if (status === 404)
    return new CoreError('not-found', `The language model server knows no model ${JSON.stringify(model)}.`, {
      hint: `Name one of those that ${server} serves with --generator-model.`,
      details,
    });
  if (status === 429 || status === 503) {
    const pauseMs = retryAfterMs(response.headers.get('retry-after'));
    return new CoreError(
      'network',
      pauseMs === undefined
        ? 'The language model server is too busy.'
        : `The language model server is too busy and asks to wait ${Math.ceil(pauseMs / 1000)} s.`,
      {
        hint: 'Ask again later.',
        retryable: (pauseMs ?? 0) <= LONGEST_PAUSE,
        details: { ...details, ...(pauseMs !== undefined && { pauseMs }) },
      },
    );
  }
  return new CoreError('network', `The language model server answered with status ${status}.`, {
    hint: `Look at the log of ${server}.`,
    retryable: status >= 500,
    details,
  });
}

/** @param limit of the model's context, in tokens; 0 if unknown */
export function promptTooLong(limit: number, details: Record<string, unknown>): CoreError {
  return new CoreError(
    'bad-input',
    `The prompt is too long for the language model, which sees ${limit || 'fewer'} tokens at once.`,
    {
      hint: 'Give fewer passages with -k, or set --context-tokens to what the server allows.',
      details: { ...details, contextTokens: limit },
    },
  );
}

/** The error for a request that got no response. */
export function unreachable(error: unknown, server: string, lateMs: number | undefined): CoreError {
  if (lateMs !== undefined)
    return new CoreError(
      'network',
      `The language model server was silent for ${Math.round(lateMs / 1000)} s.`,
      {
        hint: `See whether ${server} is overloaded, or name another with --generator.`,
        details: { server },
        cause: error,
      },
    );
  const { cause } = error as { cause?: { code?: unknown } };
  if (!(error instanceof TypeError)) return toCoreError(error);
  const code = typeof cause?.code === 'string' ? ` (${cause.code})` : '';
  return new CoreError('network', `The language model server cannot be reached${code}.`, {
    hint: `Start the server at ${server}, or name another with --generator.`,
    details: { server },
    cause: error,
  });
}

/** The error for a response that is not an answer, or was cut off. */
export function badStream(server: string, what: 'not-an-answer' | 'cut', cause?: unknown): CoreError {
  return new CoreError(
    'network',
    what === 'cut'
      ? 'The language model server broke off in the middle of its answer.'
      : 'The language model server sent something that is not an answer.',
    { hint: `Check that ${server} speaks the OpenAI chat completions protocol.`, details: { server }, cause },
  );
}

/**
 * The context size in a refusal of vLLM ("maximum context length is 4096 tokens"), llama.cpp ("exceeds the available
 * context size (4096 tokens)") or OpenAI; 0 if it mentions a context but no number, undefined if neither.
 */
function contextLimit(said: string): number | undefined {
  if (!/context (length|size|window)|context_length/i.test(said)) return undefined;
  const number = /context (?:length|size|window)[^\d]{0,20}(\d{2,8})/i.exec(said)?.[1];
  return number === undefined ? 0 : Number(number);
}

/** The server's own words, on one line and shortened. */
async function errorText(response: Response): Promise<string> {
  const body = await response.text().catch(() => '');
  let text = body;
  try {
    const { error, message, detail } = JSON.parse(body) as Record<string, unknown>;
    const inner =
      error !== null && typeof error === 'object' ? (error as { message?: unknown }).message : error;
    text = String(inner ?? message ?? detail ?? body);
  } catch {
    // Not JSON: the text is used as it is.
  }
  return text.replace(/\s+/gu, ' ').trim().slice(0, SAID_CHARACTERS);
}
