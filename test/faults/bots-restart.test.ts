import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const QUESTIONS = ['One?', 'Two?', 'Three?'];
const ENTRY = fileURLToPath(new URL('../fixtures/bots-process.ts', import.meta.url));

let folder: string;
let bots: ChildProcess;

const start = (pieceMs: number, questions: string[] = []) => {
  bots = spawn(process.execPath, ['--import', 'tsx', ENTRY, folder, String(pieceMs), ...questions], {
    stdio: 'inherit',
  });
};
const end = async (signal: NodeJS.Signals) => {
  if (bots.exitCode !== null || bots.signalCode !== null) return;
  const gone = new Promise((resolve) => bots.once('exit', resolve));
  bots.kill(signal);
  await gone;
};
const views = async () => (await readFile(join(folder, 'views'), 'utf8').catch(() => '')).trim().split('\n');
const until = async (what: string, holds: (lines: string[]) => boolean) => {
  for (let tries = 0; tries < 600; tries++) {
    if (holds(await views())) return;
    await delay(50);
  }
  throw new Error(`Never seen: ${what}, but:\n${(await views()).join('\n')}`);
};
const answersOf = (lines: string[], id: string) => lines.filter((line) => line === `${id} answer`).length;
const allAnswered = (lines: string[]) => ['One', 'Two', 'Three'].every((id) => answersOf(lines, id) > 0);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-restart-'));
});
afterEach(async () => {
  await end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('a bot process that ends with three questions open', () => {
  it('by SIGKILL while it writes answers all three, once, when it is back, also where the events come again', async () => {
    start(400, QUESTIONS);
    await until('text', (lines) => lines.includes('One partial') && lines.includes('ready asked'));
    await end('SIGKILL');
    start(5, QUESTIONS);
    await until('three answers', allAnswered);
    await delay(500);
    const lines = await views();
    expect(['One', 'Two', 'Three'].map((id) => answersOf(lines, id))).toEqual([1, 1, 1]);
  });

  it('by SIGKILL again and again still gives each its one end', async () => {
    start(400, QUESTIONS);
    await until('text', (lines) => lines.includes('One partial') && lines.includes('ready asked'));
    for (const pause of [900, 1_300, 1_700]) {
      await end('SIGKILL');
      start(60);
      await delay(pause);
    }
    await until('three answers', allAnswered);
    await end('SIGKILL');
    start(5);
    await delay(2_000);
    const lines = await views();
    expect(allAnswered(lines)).toBe(true);
    // An end that was shown just before a kill may be shown again, on the same message; no other end ever is.
    expect(lines.filter((line) => /error|stopped|not-found/.test(line))).toEqual([]);
  });

  it('by SIGTERM says so on each of them, and answers them when it is back', async () => {
    start(2_000, QUESTIONS);
    await until('text', (lines) => lines.includes('One partial') && lines.includes('ready asked'));
    await end('SIGTERM');
    expect(bots.exitCode).toBe(0);
    const told = await views();
    for (const id of ['One', 'Two', 'Three'])
      expect(told.filter((line) => line.startsWith(id)).at(-1)).toBe(`${id} interrupted`);
    start(5);
    await until('three answers', allAnswered);
  });
});
