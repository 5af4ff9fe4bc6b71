/**
 * What this machine offers: native modules that load, disk, memory, accelerators. Knows nothing about models or builds.
 * Native modules are tried in child processes (`deploy/probe-native.mjs`), since a broken one may crash its process.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, statfs, unlink, writeFile } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toCoreError } from '../errors.ts';
import { installation } from './installation.ts';

export const NATIVE_MODULES = [
  'sqlite3',
  'faiss-node',
  'onnxruntime-node',
  '@huggingface/transformers',
  'node-llama-cpp',
] as const;

export type NativeModule = (typeof NATIVE_MODULES)[number];

/** Whether something works, and what was found. */
export interface Finding {
  works: boolean;
  /** One line: a version, or what went wrong. */
  detail: string;
}

const PROBE_MS = 30_000;
const TOOL_MS = 10_000;
const run = promisify(execFile);

/** Loads one native module in a child process and uses it once. */
export async function probeNative(name: NativeModule, signal?: AbortSignal): Promise<Finding> {
  const probe = join(installation().root, 'deploy', 'probe-native.mjs');
  try {
    const { stdout } = await run(process.execPath, [probe, name], { timeout: PROBE_MS, signal });
    return { works: true, detail: stdout.trim() };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const { stderr = '', signal: killedBy } = error as { stderr?: string; signal?: string };
    const said = stderr.trim().split('\n')[0];
    return { works: false, detail: said || `its process ended by ${killedBy ?? 'an error'}` };
  }
}

export interface DataFolder extends Finding {
  /** Bytes free on its disk; 0 if the folder cannot be used. */
  free: number;
}

/** Creates the data folder if it is missing, and writes and removes a file there. */
export async function probeDataFolder(path: string): Promise<DataFolder> {
  const trial = join(path, `.doctor-${randomUUID()}`);
  try {
    await mkdir(path, { recursive: true });
    await writeFile(trial, 'x');
    await unlink(trial);
    return { works: true, detail: path, free: await diskFree(path) };
  } catch (error) {
    return { works: false, detail: toCoreError(error).message, free: 0 };
  }
}

/** Bytes free on the disk of a folder; 0 if unknown. */
export async function diskFree(path: string): Promise<number> {
  const found = await statfs(path).catch(() => undefined);
  return found === undefined ? 0 : found.bavail * found.bsize;
}

/** Bytes of memory, and processor threads that this process may use. */
export function machinePower(): { memory: number; memoryFree: number; cores: number } {
  return { memory: totalmem(), memoryFree: freemem(), cores: availableParallelism() };
}

/** Names of graphics cards that NVIDIA's or Vulkan's own tool reports; empty if there is neither tool. */
export async function findAccelerators(signal?: AbortSignal): Promise<string[]> {
  const nvidia = await linesOf(
    'nvidia-smi',
    ['--query-gpu=name,memory.total', '--format=csv,noheader'],
    signal,
  );
  if (nvidia.length > 0) return nvidia;
  const vulkan = await linesOf('vulkaninfo', ['--summary'], signal);
  const names = vulkan.flatMap((line) => /deviceName\s*=\s*(.+)/.exec(line)?.[1] ?? []);
  return names.filter((name) => !/llvmpipe|swiftshader/i.test(name)).map((name) => `${name} (Vulkan)`);
}

/** The lines that a program prints; none if it is missing, fails, or takes too long. */
async function linesOf(program: string, args: string[], signal?: AbortSignal): Promise<string[]> {
  const result = await run(program, args, { timeout: TOOL_MS, signal }).catch(() => undefined);
  return (result?.stdout ?? '').split('\n').flatMap((line) => line.trim() || []);
}
