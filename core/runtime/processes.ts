/**
 * Processes under one of ours, with their memory and processor time, as Linux tells of them in /proc; none elsewhere.
 * Knows worker entries by their file names; nothing about what they do.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

export interface ProcessFacts {
  pid: number;
  parent: number;
  /** The worker's kind (`embed`, `store`, `generate` …), or the program's own name. */
  name: string;
  /** Resident bytes. */
  memory: number;
  /** Processor time since its start, ms. */
  cpuMs: number;
}

/** Linux counts processor time in hundredths of a second for user space, whatever the kernel's own clock (proc(5)). */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

/** The process itself and all below it, parents first; empty where it is gone or the system does not tell. */
export async function processesUnder(pid: number): Promise<ProcessFacts[]> {
  try {
    const [stat, command, children] = await Promise.all(
      ['stat', 'cmdline', `task/${pid}/children`].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
    );
    // The second field is the program's name in brackets and may hold anything.
    const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
    const own: ProcessFacts = {
      pid,
      parent: Number(fields[1]),
      name: nameOf(command ?? ''),
      memory: Number(fields[21]) * PAGE_BYTES,
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    };
    const below = (children ?? '').split(' ').filter((child) => child.trim() !== '');
    const under = await Promise.all(below.map((child) => processesUnder(Number(child))));
    return [own, ...under.flat()];
  } catch {
    return []; // gone meanwhile, or no /proc
  }
}

function nameOf(command: string): string {
  const args = command.split('\0');
  const entry = args.find((arg) => /\.worker\.[jt]s$/.test(arg));
  if (entry !== undefined) return basename(entry).replace(/\.worker\.[jt]s$/, '');
  const main = args.find((arg) => /(?:^|\/)\w+\/main\.[jt]s$/.test(arg));
  return main === undefined ? basename(args[0] ?? '') : (main.split('/').at(-2) ?? '');
}
