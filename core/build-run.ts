/**
 * A build that other processes can watch, pause and cancel: its events go into a journal beside the build, and a small
 * control file there says what it should do. Knows journal and control file; build.ts does the building.
 */
import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';
import { makeBuild } from './build.ts';
import { type BuildRequest, defaultName, resolveSource } from './build-plan.ts';
import { keepRates, rateKeeper, rateKey } from './build-rates.ts';
import type { Settings } from './config.ts';
import { CoreError, toCoreError, toWire, type WireError } from './errors.ts';
import type { PullEvent } from './models/model.ts';
import { type Journal, openJournal } from './runtime/journal.ts';
import { type BuildPaths, buildPaths, readPlan } from './store/build-folder.ts';
import { holdingBuild } from './store/build-lock.ts';
import type { BuildEvent, Manifest } from './types.ts';

/** Settings that a build depends on; kept in the journal so that any console can resume it. */
const BUILD_SETTINGS = [
  'model',
  'device',
  'threads',
  'embedProcesses',
  'indexMemory',
  'recallTarget',
  'keywordTokenizer',
  'chunkTokens',
  'shardRows',
] as const;

export type BuildSettings = Partial<Pick<Settings, (typeof BUILD_SETTINGS)[number]>>;

/** One line of a journal; `at` in ms since 1970. */
export type JournalEntry = { at: number } & (
  | { type: 'run-start'; pid: number; host: string; request: BuildRequest; settings: BuildSettings }
  | BuildEvent
  | PullEvent
  | { type: 'run-end'; outcome: 'done' | 'cancelled' | 'failed'; error?: WireError }
);

export type Wanted = 'run' | 'pause' | 'cancel';

/** How often a run reads its control file. */
const LOOK_MS = 250;
/** Shortest time between progress entries: short at first for watchers, then longer so that days fit in megabytes. */
const PROGRESS_MS = { first: 500, later: 5_000, laterAfter: 600_000 };

/** Tells a build, in whichever process it runs, to run, pause or cancel. */
export async function wantOfBuild(data: string, name: string, wanted: Wanted): Promise<void> {
  await writeFileAtomic(buildPaths(data, name).control, `${JSON.stringify({ wanted })}\n`).catch((error) => {
    throw toCoreError(error);
  });
}

/**
 * Makes a build as `build` does and writes its journal. A pause waits for the work in hand: one shard while embedding,
 * else a training run or the word index. Throws what `build` throws; `CoreError('cancelled')` if asked to cancel.
 */
export async function* runBuild(
  request: BuildRequest,
  settings: Settings,
  outer?: AbortSignal,
): AsyncGenerator<BuildEvent | PullEvent, Manifest> {
  const named = { ...request, name: request.name ?? defaultName(request.sources) };
  // The journal is opened only once the build is held: until then another process may still be writing it.
  return yield* holdingBuild(buildPaths(settings.data, named.name), outer, (signal) =>
    watchedBuild(named, settings, signal),
  );
}

/** The build itself, once this process holds its lock. */
async function* watchedBuild(
  request: BuildRequest & { name: string },
  settings: Settings,
  outer: AbortSignal,
): AsyncGenerator<BuildEvent | PullEvent, Manifest> {
  const paths = buildPaths(settings.data, request.name);
  const journal = await openJournal<JournalEntry>(paths.journal);
  const write = throttled(journal);
  const wishes = await watchWishes(paths);
  const signal = AbortSignal.any([wishes.cancelled, outer]);
  const kept = Object.fromEntries(BUILD_SETTINGS.map((key) => [key, settings[key]])) as BuildSettings;
  const events = makeBuild(request, settings, signal);
  const pace = rateKeeper();
  let end: Omit<Extract<JournalEntry, { type: 'run-end' }>, 'at'> = { type: 'run-end', outcome: 'cancelled' };
  try {
    const sources = request.sources.map(resolveSource);
    const asked = { ...request, sources };
    await write({ type: 'run-start', pid: process.pid, host: hostname(), request: asked, settings: kept });
    for (;;) {
      if (wishes.wanted() === 'pause') {
        pace.see({ type: 'build-pause' });
        await write({ type: 'build-pause' });
        yield { type: 'build-pause' };
        while (wishes.wanted() === 'pause' && !signal.aborted)
          await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
        pace.see({ type: 'build-resume' });
        await write({ type: 'build-resume' });
        yield { type: 'build-resume' };
      }
      const step = await events.next();
      if (step.done) {
        const key = rateKey(step.value.model, settings.device, settings.threads);
        // An update copies most vectors instead of embedding them.
        const { embed: _, ...others } = pace.rates();
        await keepRates(settings.data, key, request.update === undefined ? pace.rates() : others);
        end = { type: 'run-end', outcome: 'done' };
        return step.value;
      }
      if (!step.value.type.startsWith('pull-')) pace.see(step.value as BuildEvent);
      await write(step.value);
      yield step.value;
    }
  } catch (error) {
    const thrown = signal.aborted ? signal.reason : error;
    const { code } = toCoreError(thrown);
    if (code !== 'cancelled') end = { type: 'run-end', outcome: 'failed', error: withoutStack(thrown) };
    throw thrown;
  } finally {
    await events.return(undefined as never).catch(() => undefined);
    wishes.close();
    await write(end);
    await journal.close();
    await rm(paths.control, { force: true });
    // A refused build leaves nothing behind.
    if ((await readPlan(paths).catch(() => 'damaged')) === undefined)
      await rm(paths.journal, { force: true });
  }
}

function withoutStack(error: unknown): WireError {
  const { stack: _, ...wire } = toWire(error);
  return wire;
}

type Unstamped<T> = T extends unknown ? Omit<T, 'at'> : never;

/** Writes entries with timestamps; progress only when due, and the last progress before any other entry. */
function throttled(journal: Journal<JournalEntry>): (entry: Unstamped<JournalEntry>) => Promise<void> {
  const began = Date.now();
  let writtenAt = 0;
  let held: JournalEntry | undefined;
  return async (entry) => {
    const at = Date.now();
    const stamped = { at, ...entry } as JournalEntry;
    const due = at - began < PROGRESS_MS.laterAfter ? PROGRESS_MS.first : PROGRESS_MS.later;
    if (entry.type.endsWith('-progress')) {
      held = stamped;
      if (at - writtenAt < due) return;
    }
    if (held !== undefined && held !== stamped) await journal.write(held);
    held = undefined;
    writtenAt = at;
    await journal.write(stamped);
  };
}

interface Wishes {
  wanted(): Wanted;
  cancelled: AbortSignal;
  close(): void;
}

/** Polls the control file; one left over from an earlier run is removed first. */
async function watchWishes(paths: BuildPaths): Promise<Wishes> {
  await rm(paths.control, { force: true });
  const controller = new AbortController();
  let wanted: Wanted = 'run';
  const look = async () => {
    const text = await readFile(paths.control, 'utf8').catch(() => undefined);
    if (text === undefined) return;
    wanted = (JSON.parse(text) as { wanted: Wanted }).wanted;
    if (wanted === 'cancel') controller.abort(new CoreError('cancelled', 'Cancelled from another terminal.'));
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  timer.unref();
  return { wanted: () => wanted, cancelled: controller.signal, close: () => clearInterval(timer) };
}
