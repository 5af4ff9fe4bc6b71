/**
 * How a build gives way to those who wait for an answer. Knows processes and their sessions; nothing of what they do.
 */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** More than that of a question's process (see ask-process.ts), so that a build takes what answers leave. */
const NICENESS = 10;

/** Lowers the priority of this process and of what it starts from now on. */
export function giveWay(): void {
  setPriority(NICENESS);
}

/** As {@link giveWay}, for a process with a session of its own: Linux shares processors among sessions before it looks at processes. */
export function sessionGivesWay(): void {
  giveWay();
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/autogroup', String(NICENESS));
  } catch {
    // a kernel that does not group by session looks at processes alone
  }
}
