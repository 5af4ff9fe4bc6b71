/**
 * One process at a time works on a build. Knows its lock, and how long a killed owner's is waited for; nothing about its files.
 */
import { constants } from 'node:fs';
import { access, mkdir, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { check, lock } from 'proper-lockfile';
import { CoreError, throwIfAborted, toCoreError } from '../errors.ts';
import type { BuildPaths } from './build-folder.ts';

/** A lock whose owner was killed is free again after this long. */
const LOCK_STALE_MS = 5_000;
/** So long it is waited for: well past that time. */
const LOCK_PATIENCE_MS = 14_000;
const LOCK_LOOK_MS = 250;

/**
 * Runs `work` while this process holds the build; its signal is the outer one, aborted too when the lock is lost.
 * Throws as {@link lockBuild}.
 */
export async function* holdingBuild<Event, Result>(
  paths: BuildPaths,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => AsyncGenerator<Event, Result>,
): AsyncGenerator<Event, Result> {
  const lost = new AbortController();
  const release = await lockBuild(paths, outer, (error) => lost.abort(error));
  try {
    return yield* work(AbortSignal.any([lost.signal, ...(outer === undefined ? [] : [outer])]));
  } finally {
    await release();
  }
}

/**
 * Takes the build for this process until the returned function is called; a folder in which nothing was begun goes with it.
 * Waits for a lock that a killed process left. Throws `CoreError('locked')` where it stays held; `onLost` is told if the lock
 * is lost later.
 */
export async function lockBuild(
  paths: BuildPaths,
  signal?: AbortSignal,
  onLost: (error: CoreError) => void = () => undefined,
): Promise<() => Promise<void>> {
  const lost = (cause: Error) =>
    onLost(new CoreError('locked', `The lock of ${paths.folder} was lost.`, { cause, retryable: true }));
  const until = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    throwIfAborted(signal);
    try {
      await mkdir(dirname(paths.lock), { recursive: true });
      await access(dirname(paths.lock), constants.W_OK); // names the folder, not the lock in it
      const release = await lock(paths.folder, {
        lockfilePath: paths.lock,
        realpath: false, // the folder may not be there yet
        stale: LOCK_STALE_MS,
        update: 1_000,
        onCompromised: lost,
      });
      await mkdir(paths.folder, { recursive: true });
      return async () => {
        await rmdir(paths.folder).catch(() => undefined); // refused unless empty
        await release();
      };
    } catch (cause) {
      if ((cause as { code?: string }).code !== 'ELOCKED') throw toCoreError(cause);
      if (Date.now() > until) throw held(paths, cause);
    }
    await delay(LOCK_LOOK_MS);
  }
}

function held(paths: BuildPaths, cause: unknown): CoreError {
  return new CoreError('locked', `Another running Footnote is working on the build in ${paths.folder}.`, {
    cause,
    hint: 'Watch it in `footnote console`, wait for it, or build under another name with --name NAME.',
  });
}

/** Whether a process works on the build, or was killed at it a few seconds ago. */
export async function isLocked(paths: BuildPaths): Promise<boolean> {
  return check(paths.folder, { lockfilePath: paths.lock, realpath: false, stale: LOCK_STALE_MS });
}
