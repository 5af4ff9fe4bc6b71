/**
 * One process at a time works on a build. Knows its lock, and how long a killed owner's is waited for; nothing about its files.
 */
import { constants } from 'node:fs';
import { access, mkdir, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CoreError, toCoreError } from '../errors.ts';
import { holdLock, isHeld } from '../runtime/lock.ts';
import type { BuildPaths } from './build-folder.ts';

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
  const folder = dirname(paths.lock);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK); // names the folder, not the lock in it
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

/** Whether a process works on the build, or was killed at it a few seconds ago. */
export function isLocked(paths: BuildPaths): Promise<boolean> {
  return isHeld(paths.lock);
}
