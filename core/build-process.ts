/**
 * Runs builds in separate processes, which outlive the program that started them. Knows how one is started and whether
 * it runs; build-run.ts does the building.
 */
import { fork } from 'node:child_process';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BuildRequest } from './build-plan.ts';
import { type BuildSettings, type JournalEntry, runBuild } from './build-run.ts';
import type { Settings } from './config.ts';
import { CoreError, fromWire, type WireError } from './errors.ts';
import { workerEntry } from './runtime/host.ts';
import { followJournal } from './runtime/journal.ts';
import { processLives } from './runtime/processes.ts';
import { buildPaths, readPlan } from './store/build-folder.ts';
import { isLocked } from './store/build-lock.ts';

/** The one message that the runner process is sent. */
export interface RunnerOrder {
  request: BuildRequest;
  settings: Settings;
}

/** Its one reply: the build has begun, or why it has not. */
export type RunnerReply = { type: 'begun' } | { type: 'refused'; error: WireError };

/**
 * Starts a build in a separate process and detaches from it once it has begun.
 * Throws what the build throws before its first event, such as `CoreError('bad-input')` for a source that cannot be read.
 */
export async function startBuildRunner(request: BuildRequest, settings: Settings): Promise<void> {
  const entry = fileURLToPath(workerEntry(import.meta.url, 'runtime/build'));
  const runner = fork(entry, {
    detached: true, // a session of its own: closing the terminal does not end it
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: entry.endsWith('.ts') ? ['--import', 'tsx'] : [],
  });
  try {
    const reply = await new Promise<RunnerReply>((resolve, reject) => {
      runner.once('message', resolve);
      runner.once('error', reject);
      runner.once('exit', (code) =>
        reject(new CoreError('worker-crashed', `The build process ended with exit status ${code}.`)),
      );
      runner.send({ request, settings } satisfies RunnerOrder);
    });
    if (reply.type === 'refused') throw fromWire(reply.error);
  } finally {
    runner.removeAllListeners();
    if (runner.connected) runner.disconnect();
    runner.unref();
  }
}

/** Runs the whole build, in the runner process; `begun` is called at each event, so also at the first one. */
export async function carryOut({ request, settings }: RunnerOrder, begun: () => void, signal: AbortSignal) {
  for await (const _ of runBuild(request, settings, signal)) begun();
}

/** Reads the journal of one build and tells whether its process runs. */
export interface FollowedRun {
  name: string;
  /** Entries since the last call, and whether the process that writes them is alive. */
  read(): Promise<{ entries: JournalEntry[]; alive: boolean }>;
}

export function followRun(data: string, name: string): FollowedRun {
  const paths = buildPaths(data, name);
  const journal = followJournal<JournalEntry>(paths.journal, (line) => line.includes('-progress"'));
  let start: Extract<JournalEntry, { type: 'run-start' }> | undefined;
  let ended = false;
  return {
    name,
    async read() {
      const entries = await journal.read();
      for (const entry of entries) {
        if (entry.type === 'run-start') start = entry;
        ended = entry.type === 'run-end';
      }
      if (ended) return { entries, alive: false };
      const gone = start !== undefined && start.host === hostname() && !processLives(start.pid);
      return { entries, alive: !gone && (await isLocked(paths)) };
    },
  };
}

/** The request and settings of a begun build, to resume it; undefined if none was begun. */
export async function requestOf(
  data: string,
  name: string,
): Promise<{ request: BuildRequest; settings: BuildSettings } | undefined> {
  const paths = buildPaths(data, name);
  const journal = followJournal<JournalEntry>(paths.journal, (line) => !line.includes('"run-start"'));
  const start = (await journal.read()).findLast(({ type }) => type === 'run-start');
  if (start?.type === 'run-start') return { request: { ...start.request, name }, settings: start.settings };
  const plan = await readPlan(paths);
  if (plan === undefined) return undefined;
  const { sources, limit, chunksPerArticle, recipe, update, questions } = plan;
  const { shardRows, chunkTokens, keywordTokenizer } = plan;
  return {
    request: { sources, name, limit, chunksPerArticle, recipe, update, questions },
    settings: { shardRows, chunkTokens, keywordTokenizer },
  };
}
