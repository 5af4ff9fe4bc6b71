/** Retries: which failures are worth one, how long to wait, when to give up. Knows no protocol but Retry-After. */
import { setTimeout as delay } from 'node:timers/promises';
import pRetry from 'p-retry';
import { isCoreError, throwIfAborted, toCoreError } from '../errors.ts';

export interface RetryOptions {
  /** Retries after attempts that brought no bytes; an attempt that brought some does not count. */
  retries: number;
  /** Pause before the first retry, in ms; doubled for each further one. */
  pauseMs: number;
  /** Bytes received so far, over all attempts. */
  bytes(): number | Promise<number>;
  signal?: AbortSignal | undefined;
}

/**
 * Runs `attempt` until it succeeds, fails for good (an error that is not `retryable`), or has failed too often.
 * Waits for an error's `details.pauseMs`. Throws the last failure as a CoreError, or the signal's reason.
 */
export async function retrying<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { retries, pauseMs, bytes, signal } = options;
  let most = await bytes();
  try {
    return await pRetry(attempt, {
      retries,
      minTimeout: pauseMs,
      randomize: true,
      ...(signal && { signal }),
      shouldRetry: ({ error }) => isCoreError(error) && error.retryable,
      async shouldConsumeRetry() {
        const now = await bytes();
        const grew = now > most;
        most = Math.max(most, now);
        return !grew;
      },
      async onFailedAttempt({ error, retriesLeft }) {
        const pause = isCoreError(error) && error.retryable && retriesLeft > 0 && error.details.pauseMs;
        if (typeof pause === 'number') await delay(pause, undefined, signal ? { signal } : {});
      },
    });
  } catch (error) {
    throwIfAborted(signal);
    throw toCoreError(error);
  }
}

/** A Retry-After header in ms: it holds seconds or an HTTP date (RFC 9110, section 10.2.3). */
export function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, until - Date.now());
}
