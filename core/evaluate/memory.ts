/**
 * Memory of this process and all below it, as Linux tells it. Knows /proc; elsewhere only this process.
 */
import { readdir, readFile } from 'node:fs/promises';

/** Highest resident bytes of each process so far, added up; pages of mapped files count, whoever shares them. */
export async function peakMemory(): Promise<number> {
  const pids = await withChildren(process.pid).catch(() => undefined);
  if (pids === undefined) return process.resourceUsage().maxRSS * 1_024;
  const peaks = await Promise.all(pids.map(peakOf));
  return peaks.reduce((sum, bytes) => sum + bytes, 0);
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''); // it may just have ended
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
}

async function withChildren(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  const below = await Promise.all(children.map((child) => withChildren(child).catch(() => [])));
  return [pid, ...below.flat()];
}
