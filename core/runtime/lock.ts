/**
 * Locks held by one process at a time. Knows lock files: their owner renews them, and a killed owner's lock expires.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { check, lock } from 'proper-lockfile';
import { CoreError, throwIfAborted, toCoreError } from '../errors.ts';

/** A lock whose owner was killed is free after this time. */
const STALE_MS = 5_000;
const RENEW_MS = 1_000;
/** Well beyond the time after which a killed owner's lock is stale. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 250;

export interface LockRequest {
  /** The lock file; its folder must exist. */
  path: string;
  /** The error to throw if another process keeps the lock. */
  held: { message: string; hint: string };
  /** Called if another process takes over the lock later, after this one was paused for long. */
  onLost: (error: CoreError) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Holds the lock until the returned function is called. Waits for one that a killed process left.
 * Throws `CoreError`: `locked` if it stays held, `disk`; or the reason of an aborted signal.
 */
export async function holdLock({ path, held, onLost, signal }: LockRequest): Promise<() => Promise<void>> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    throwIfAborted(signal);
    try {
      const release = await lock(path, {
        lockfilePath: path,
        realpath: false, // there is no file apart from the lock
        stale: STALE_MS,
        update: RENEW_MS,
        onCompromised: (cause) =>
          onLost(new CoreError('locked', `The lock ${path} was lost.`, { cause, retryable: true })),
      });
      return () =>
        release().catch((error) => {
          if (error.code !== 'ERELEASED') throw error; // lost already
        });
    } catch (cause) {
      if ((cause as { code?: string }).code !== 'ELOCKED') throw toCoreError(cause);
      if (Date.now() > until)
        throw new CoreError('locked', held.message, { hint: held.hint, retryable: true, cause });
    }
    await delay(LOOK_MS);
  }
}

/** Whether a process holds the lock, or was killed a few seconds ago while it held it. */
export async function isHeld(path: string): Promise<boolean> {
  return check(path, { lockfilePath: path, realpath: false, stale: STALE_MS });
}
