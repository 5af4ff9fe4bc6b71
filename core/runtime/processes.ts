/**
 * Whether a process exists, and the processes below one of ours, with their memory and processor time (Linux's /proc).
 * Knows worker entries by their file names; nothing about what they do.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

export interface ProcessFacts {
  pid: number;
  parent: number;
  /** The worker's kind (`embed`, `store`, `generate` …), or the program's own name. */
  name: string;
  /** Resident bytes, including pages of mapped files: now, and at their peak. */
  memory: number;
  peak: number;
  /** Processor time since its start, ms. */
  cpuMs: number;
  /** How often it was restarted after a crash. */
  restarts: number;
}

/** Linux counts processor time in hundredths of a second for user space, whatever the kernel's own clock (proc(5)). */
const TICK_MS = 10;
const RESTARTS = '--restarts=';

/** A worker's argument, by which its restarts can be seen in process lists. */
export const restartsArgument = (count: number): string => `${RESTARTS}${count}`;

/** The process itself and all below it, parents first; empty if it is gone or the system does not report them. */
export async function processesUnder(pid: number): Promise<ProcessFacts[]> {
  try {
    const [stat, status, command] = (await Promise.all(
      ['stat', 'status', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
    )) as [string, string, string];
    // The second field is the program's name in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const own: ProcessFacts = {
      pid,
      parent: Number(fields[1]),
      name: nameOf(command),
      memory: bytesIn(status, 'VmRSS'),
      peak: bytesIn(status, 'VmHWM'),
      restarts: Number(
        command
          .split('\0')
          .find((arg) => arg.startsWith(RESTARTS))
          ?.slice(RESTARTS.length) ?? 0,
      ),
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    };
    const under = await Promise.all((await childrenOf(pid)).map(processesUnder));
    return [own, ...under.flat()];
  } catch {
    return []; // it has ended, or there is no /proc
  }
}

/** Whether a process exists on this machine, whoever owns it. */
export function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function bytesIn(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1_024;
}

/** Children are listed by the thread that started them. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

function nameOf(command: string): string {
  const args = command.split('\0');
  const entry = args.find((arg) => /\.worker\.[jt]s$/.test(arg));
  if (entry !== undefined) return basename(entry).replace(/\.worker\.[jt]s$/, '');
  const main = args.find((arg) => /(?:^|\/)\w+\/main\.[jt]s$/.test(arg));
  return main === undefined ? basename(args[0] ?? '') : (main.split('/').at(-2) ?? '');
}
