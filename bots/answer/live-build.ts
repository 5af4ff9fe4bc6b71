/**
 * The build that questions go to now: opens the active one, and swaps when another becomes active, while running
 * questions keep the one they began with. Knows open builds; nothing about questions.
 */
import { type AskProcess, activeBuild, openAskProcess, type Settings } from '../../core/index.ts';
import type { Log } from '../surface.ts';

export type OpenBuild = AskProcess;

export interface Lease {
  build: OpenBuild;
  /** Gives the build back; the last release closes a build that was swapped out. */
  release(): void;
}

export interface LiveBuild {
  /** Throws `CoreError` if no build can be opened. */
  lease(): Promise<Lease>;
  close(): Promise<void>;
}

/** How builds are opened; by default, with the core's own functions. */
export interface BuildSource {
  open(settings: Settings): Promise<OpenBuild>;
  active(data: string): Promise<string | undefined>;
}

interface Held {
  build: OpenBuild;
  users: number;
  retired: boolean;
}

export function liveBuild(
  settings: Settings,
  log: Log,
  source: BuildSource = { open: openAskProcess, active: activeBuild },
): LiveBuild {
  let current: Held | undefined;
  let changing: Promise<Held> | undefined;

  const closeUnused = (held: Held) => {
    if (held.retired && held.users === 0)
      held.build.close().catch(() => log('build-close-failed', { build: held.build.manifest.name }));
  };

  const newest = async (): Promise<Held> => {
    const old = current;
    const wanted = settings.build ?? (await source.active(settings.data));
    if (old !== undefined && (wanted === undefined || wanted === old.build.manifest.name)) return old;
    try {
      current = { build: await source.open(settings), users: 0, retired: false };
    } catch (error) {
      if (old === undefined) throw error;
      log('build-not-opened', { build: wanted, kept: old.build.manifest.name });
      return old;
    }
    log('build-opened', { build: current.build.manifest.name, before: old?.build.manifest.name });
    if (old !== undefined) {
      old.retired = true;
      closeUnused(old);
    }
    return current;
  };

  const lease = async (): Promise<Lease> => {
    changing ??= newest().finally(() => {
      changing = undefined;
    });
    const held = await changing;
    // The build may have been retired, without users, between the swap and this line.
    if (held.retired && held.users === 0) return lease();
    held.users += 1;
    let released = false;
    return {
      build: held.build,
      release() {
        if (released) return;
        released = true;
        held.users -= 1;
        closeUnused(held);
      },
    };
  };

  return {
    lease,
    async close() {
      await current?.build.close();
      current = undefined;
    },
  };
}
