/**
 * Lowers a build's priority, for those who wait for an answer. Knows processes and their sessions, not what they do.
 */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** More than that of a question's process (see ask-process.ts), so that a build takes only what answers leave. */
const NICENESS = 10;

/** Lowers the priority of this process and of what it starts from now on. */
export function giveWay(): void {
  setPriority(NICENESS);
}

/** Like {@link giveWay}, for a process with its own session: Linux divides processor time between sessions first. */
export function sessionGivesWay(): void {
  giveWay();
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/autogroup', String(NICENESS));
  } catch {
    // A kernel that does not group by session considers only processes.
  }
}
