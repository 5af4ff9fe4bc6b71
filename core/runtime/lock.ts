/**
 * One process at a time holds a thing. Knows lock files: their owner renews them, and one whose owner was killed is free again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { check, lock } from 'proper-lockfile';
import { CoreError, throwIfAborted, toCoreError } from '../errors.ts';

/** A lock whose owner was killed is free after this long. */
const STALE_MS = 5_000;
const RENEW_MS = 1_000;
/** Well past the time that it takes a killed owner's lock to go stale. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 250;

export interface LockRequest {
  /** The lock file; its folder has to be there. */
  path: string;
  /** Made where the lock stays held by another process. */
  held: { message: string; hint: string };
  /** Is told if another process takes the lock over later, after this one was paused for long. */
  onLost: (error: CoreError) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Holds the lock until the returned function is called. Waits for one that a killed process left.
 * Throws `CoreError`: `locked` where it stays held, `disk`, or the reason of an aborted signal.
 */
export async function holdLock({ path, held, onLost, signal }: LockRequest): Promise<() => Promise<void>> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    throwIfAborted(signal);
    try {
      return await lock(path, {
        lockfilePath: path,
        realpath: false, // there is no file but the lock
        stale: STALE_MS,
        update: RENEW_MS,
        onCompromised: (cause) =>
          onLost(new CoreError('locked', `The lock ${path} was lost.`, { cause, retryable: true })),
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
