/**
 * Makes sure that one process at a time works on a build. Knows the build's lock; nothing about its files.
 */
import { constants } from 'node:fs';
import { access, mkdir, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CoreError, toCoreError } from '../errors.ts';
import { holdLock, isHeld } from '../runtime/lock.ts';
import type { BuildPaths } from './build-folder.ts';

/**
 * Runs `work` while this process holds the build. The signal of `work` aborts with `outer`, or when the lock is lost.
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
 * Locks the build for this process until the returned function is called, which also removes the build's folder if it
 * is empty. Waits for a lock that a killed process left. Throws `CoreError('locked')` if it stays held. `onLost` is
 * called if the lock is lost later.
 */
export async function lockBuild(
  paths: BuildPaths,
  signal?: AbortSignal,
  onLost: (error: CoreError) => void = () => undefined,
): Promise<() => Promise<void>> {
  const folder = dirname(paths.lock);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK); // so that the error names the folder, not the lock in it
    const release = await holdLock({
      path: paths.lock,
      held: {
        message: `Another running Footnote is working on the build in ${paths.folder}.`,
        hint: 'Watch it in `footnote console`, wait for it, or build under another name with --name NAME.',
      },
      onLost,
      signal,
    });
    await mkdir(paths.folder, { recursive: true });
    return async () => {
      await rmdir(paths.folder).catch(() => undefined); // refused unless empty
      await release();
    };
  } catch (error) {
    throw toCoreError(error);
  }
}

/** Whether a process is working on the build, or was killed a few seconds ago while it did. */
export function isLocked(paths: BuildPaths): Promise<boolean> {
  return isHeld(paths.lock);
}
