/**
 * Starts the bots' process. Knows where its entry file is; nothing about the order that it waits for.
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
