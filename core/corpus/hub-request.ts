/**
 * Knows how to get bytes from a Hugging Face hub or a mirror: token, refusals, silences, and resuming half a body.
 * Knows nothing about what the bytes mean.
 */
import { CoreError, isCoreError, throwIfAborted } from '../errors.ts';
import { authorization, type Hub } from '../hub/hub.ts';
import { retryAfterMs, retrying } from '../hub/retry.ts';
import { startWatch } from '../hub/watch.ts';

export interface HubAccess extends Hub {
  patience?: Partial<Patience>;
}

export interface Patience {
  /** Longest time without a byte, in ms. */
  silenceMs: number;
  /** Consecutive failed tries that bring no byte, before giving up. */
  tries: number;
  /** Pause after the first failed try, in ms; doubled after each further one. */
  pauseMs: number;
  /** Longest pause that a server may ask for (Retry-After), in ms. */
  longestPauseMs: number;
}

const PATIENCE: Patience = { silenceMs: 30_000, tries: 6, pauseMs: 1_000, longestPauseMs: 300_000 };

export interface HubAnswer {
  body: Uint8Array;
  headers: Headers;
}

/** Bytes `start` to `end - 1` of a file of `of` bytes. */
export interface ByteSpan {
  start: number;
  end: number;
  of: number;
}

/**
 * The body at an address, or one span of it; tried again after silence, 429, 5xx and broken connections. A broken span
 * resumes where it broke.
 * Throws `CoreError('network')` in one sentence, `not-found` for 404.
 */
export async function hubRequest(
  url: string,
  hub: HubAccess,
  { span, signal }: { span?: ByteSpan; signal?: AbortSignal | undefined } = {},
): Promise<HubAnswer> {
  const patience = { ...PATIENCE, ...hub.patience };
  let parts: Uint8Array[] = [];
  let got = 0;

  const attempt = async (): Promise<HubAnswer> => {
    if (span === undefined) {
      parts = [];
      got = 0;
    }
    const watch = startWatch(signal);
    const heard = () => watch.expect(patience.silenceMs, 'body');
    heard();
    try {
      const response = await fetch(url, { headers: headersFor(url, hub, span, got), signal: watch.signal });
      heard();
      if (!response.ok) {
        await response.body?.cancel();
        throw refusal(url, response, patience);
      }
      if (span) checkSpan(url, response, span, got);
      for await (const part of response.body ?? []) {
        heard();
        parts.push(part);
        got += part.length;
      }
      if (span && got !== span.end - span.start)
        throw broken(url, `${got} of ${span.end - span.start} bytes came`);
      return { body: Buffer.concat(parts), headers: response.headers };
    } catch (error) {
      throwIfAborted(signal);
      if (isCoreError(error)) throw error;
      if (watch.late) throw broken(url, `nothing came for ${patience.silenceMs / 1_000} s`, error);
      throw broken(url, reasonOf(error), error);
    } finally {
      watch.rest();
    }
  };

  return retrying(attempt, {
    retries: patience.tries - 1,
    pauseMs: patience.pauseMs,
    bytes: () => got,
    signal,
  });
}

function headersFor(url: string, hub: Hub, span: ByteSpan | undefined, got: number) {
  return {
    'accept-encoding': 'identity',
    // fetch drops this one when it follows a redirect to another origin
    ...authorization(hub, url),
    ...(span && { range: `bytes=${span.start + got}-${span.end - 1}` }),
  };
}

function checkSpan(url: string, response: Response, { start, end, of }: ByteSpan, got: number): void {
  const expected = `bytes ${start + got}-${end - 1}/${of}`;
  const range = response.headers.get('content-range');
  if (response.status === 206 && range === expected) return;
  void response.body?.cancel();
  throw new CoreError(
    'network',
    response.status === 206
      ? `${url} has changed on the server: ${range} came where ${expected} was asked for.`
      : `The server of ${url} does not answer requests for parts of a file.`,
    { hint: 'Download the files first and build from the folder.' },
  );
}

/** The error for a response that is not the file, in one sentence. */
function refusal(url: string, { status, headers }: Response, { longestPauseMs }: Patience): CoreError {
  const fail = (sentence: string, hint: string) =>
    new CoreError('network', `${new URL(url).host} ${sentence} (HTTP ${status} for ${url}).`, { hint });
  if (status === 401)
    return fail('asks for an access token', 'Set HF_TOKEN to a token that may read this data set.');
  if (status === 403)
    return fail(
      'does not open this to your token',
      'Accept the data set’s terms on its page, or use another HF_TOKEN.',
    );
  if (status === 404)
    return new CoreError('not-found', `There is nothing at ${url} (HTTP 404).`, {
      hint: 'Check the spelling: hf:OWNER/NAME/CONFIG, e.g. hf:wikimedia/wikipedia/20231101.en.',
    });
  if (status !== 429 && status < 500) return fail('refused the request', 'Check HF_ENDPOINT and the name.');
  const pauseMs = retryAfterMs(headers.get('retry-after'));
  return new CoreError(
    'network',
    status === 429
      ? `${new URL(url).host} refuses more requests for now (HTTP 429 for ${url})${pauseMs ? ` and asks for a pause of ${Math.ceil(pauseMs / 1_000)} s` : ''}.`
      : `${new URL(url).host} failed (HTTP ${status} for ${url}).`,
    {
      hint: 'Run the same command again later: it goes on where it stopped.',
      retryable: (pauseMs ?? 0) <= longestPauseMs,
      ...(pauseMs !== undefined && { details: { pauseMs } }),
    },
  );
}

function broken(url: string, reason: string, cause?: unknown): CoreError {
  return new CoreError('network', `${url} could not be read: ${reason}.`, {
    cause,
    retryable: true,
    hint: 'Check the network and HF_ENDPOINT, then run the same command again: it goes on where it stopped.',
  });
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const deeper = cause as NodeJS.ErrnoException | undefined;
  return `the connection failed (${deeper?.code ?? deeper?.message ?? message})`;
}
