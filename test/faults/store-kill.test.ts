import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { indexWords, openChunkReader, openChunkWriter } from '../../core/store/client.ts';
import { checkpointAfter, makeChunks } from '../fixtures/chunks.ts';

const KILLS = 10;
const program = fileURLToPath(new URL('../fixtures/write-store.ts', import.meta.url));
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-kill-'));
  path = join(folder, 'chunks.sqlite');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Appends in a process of its own that is killed `ms` after its second append began; returns the lines it printed. */
async function writeAndKill(ms: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === 3) void delay(ms).then(() => child.kill('SIGKILL'));
  }
  return lines;
}

it(`a writer killed ${KILLS} times while it appends keeps every append that ended, and nothing of the one that did not`, async () => {
  let cutShort = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const lines = await writeAndKill(kill * 12);
    const ended = Number(/^end (\d+)$/.exec(lines.findLast((line) => line.startsWith('end')) ?? '')?.[1]);
    const writer = await openChunkWriter({ path, tokenizer: 'porter' });
    const checkpoint = await writer.checkpoint();
    const rows = checkpoint?.chunks ?? 0;
    expect(rows).toBeGreaterThanOrEqual(ended);
    if (lines.at(-1)?.startsWith('begin') && rows === ended) cutShort += 1;
    // Refused unless the rows are as many as the checkpoint says.
    await writer.append(makeChunks(rows, rows + 1), checkpointAfter(rows + 1));
    await writer.close();
  }
  expect(cutShort).toBeGreaterThan(0);

  const writer = await openChunkWriter({ path, tokenizer: 'porter' });
  const rows = (await writer.checkpoint())?.chunks ?? 0;
  await writer.finish();
  await writer.close();
  for await (const _ of indexWords({ path, tokenizer: 'porter' }));
  const reader = await openChunkReader({ path, tokenizer: 'porter' });
  expect(await reader.count()).toBe(rows);
  for (let from = 0; from < rows; from += 2_000) {
    const to = Math.min(from + 2_000, rows);
    const expected = makeChunks(from, to).map((chunk, offset) => ({ id: from + offset, ...chunk }));
    expect(await reader.range(from, to)).toEqual(expected);
    expect(await reader.keyword(`unique${from}`, 5)).toMatchObject([{ id: from }]);
  }
  await reader.close();
});
