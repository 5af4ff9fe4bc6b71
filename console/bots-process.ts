/**
 * The process of the bots, for whoever starts it. Knows where its entry lies; the order that it waits for is its own.
 */
import { type ChildProcess, fork, type StdioOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The bots' process; it waits for its order. */
export function forkBots(stdio: StdioOptions): ChildProcess {
  const entry = fileURLToPath(
    new URL(`../bots/main.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
  );
  return fork(entry, { stdio, execArgv: entry.endsWith('.ts') ? ['--import', 'tsx'] : [] });
}
