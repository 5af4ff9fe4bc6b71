/**
 * Runs the command line as a process of its own. Knows streams and statuses; no command.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PROGRAM } from '../fixtures/command.ts';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Ran {
  status: number | null;
  out: string;
  err: string;
}

export interface Options {
  data: string;
  env?: Record<string, string>;
  /** Called with the process and each piece of its stdout. */
  onOut?: (child: ChildProcess, text: string) => void;
}

/** Runs `footnote ARGS` to its end, without the settings of whoever runs the tests. */
export async function footnote(args: string[], { data, env = {}, onOut }: Options): Promise<Ran> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [...PROGRAM, ...args], {
    cwd: ROOT,
    env: { PATH, HOME, XDG_CONFIG_HOME: data, FOOTNOTE_DATA: data, ...env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece: Buffer) => {
    out += piece;
    onOut?.(child, piece.toString());
  });
  child.stderr.on('data', (piece: Buffer) => {
    err += piece;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out, err };
}

/** An empty data folder in the system's folder for temporary files. */
export function emptyData(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'footnote-cli-'));
}

/** The objects of JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
